-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Values that belong to the whole installation.
CREATE TABLE meta (
    key   TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- what it is: "secret_check"
    value TEXT NOT NULL                          -- a check value, never a secret
);

-- Browsers and native apps.
CREATE TABLE clients (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "client_..."
    token_hash BYTEA NOT NULL UNIQUE,                 -- SHA-256 of the cookie's random part
    created_at BIGINT NOT NULL,                       -- Unix microseconds, UTC, like every time here
    expire_at  BIGINT NOT NULL                        -- when its cookie ends
);
CREATE INDEX clients_expire_at ON clients (expire_at);

-- People with at least one proven address.
CREATE TABLE users (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "user_..."
    first_name      TEXT NOT NULL,                         -- as given at sign-up, or empty
    last_name       TEXT NOT NULL,                         -- as given at sign-up, or empty
    created_at      BIGINT NOT NULL,                       -- when the sign-up was completed
    updated_at      BIGINT NOT NULL,                       -- when names or addresses last changed
    last_sign_in_at BIGINT NOT NULL                        -- the last completed sign-in
);

-- Addresses that were proven with a code. Nobody shares one.
CREATE TABLE addresses (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,                             -- "idn_..."
    user_id     TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose it is
    kind        TEXT COLLATE "C" NOT NULL,                                         -- "email_address" or "phone_number"
    value       TEXT COLLATE "C" NOT NULL,                                         -- the canonical form, for look-ups and limits
    display     TEXT NOT NULL,                                                     -- as its owner wrote it; messages go here
    verified_at BIGINT NOT NULL,                                                   -- when it was first proven
    is_primary  SMALLINT NOT NULL,                                                 -- 1 for the one of its kind in identity headers, else 0
    UNIQUE (kind, value)
);
CREATE INDEX addresses_user_id ON addresses (user_id);

-- Which users have proven an address on which clients.
CREATE TABLE client_trusts (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,   -- who
    client_id  TEXT COLLATE "C" NOT NULL REFERENCES clients (id) ON DELETE CASCADE, -- where
    trusted_at BIGINT NOT NULL,                                                     -- the last proof
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX client_trusts_client_id ON client_trusts (client_id);

-- Attempts to sign in.
CREATE TABLE sign_ins (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "sia_..."
    client_id  TEXT COLLATE "C" NOT NULL,             -- the client it is bound to
    abandon_at BIGINT NOT NULL,                       -- when it is over, whatever its status
    data       TEXT NOT NULL                          -- the attempt, one JSON document; holds no code
) WITH (fillfactor = 70);
CREATE INDEX sign_ins_abandon_at ON sign_ins (abandon_at);

-- Attempts to sign up.
CREATE TABLE sign_ups (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "sua_..."
    client_id  TEXT COLLATE "C" NOT NULL,             -- the client it is bound to
    abandon_at BIGINT NOT NULL,                       -- when it is over, whatever its status
    data       TEXT NOT NULL                          -- the attempt, one JSON document; holds no code
) WITH (fillfactor = 70);
CREATE INDEX sign_ups_abandon_at ON sign_ups (abandon_at);

-- What completed attempts leave.
CREATE TABLE sessions (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,                             -- "sess_..."
    user_id        TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- who is signed in
    client_id      TEXT COLLATE "C" NOT NULL REFERENCES clients (id),                 -- and where
    token_hash     BYTEA NOT NULL UNIQUE,                                             -- SHA-256 of the cookie's random part
    status         TEXT NOT NULL,                                                     -- "active", "ended" or "revoked"
    strategy       TEXT NOT NULL,                                                     -- the way the address was proven
    created_at     BIGINT NOT NULL,                                                   -- the moment of authentication
    last_active_at BIGINT NOT NULL,                                                   -- the last request seen, to within a minute
    expire_at      BIGINT NOT NULL,                                                   -- the absolute limit
    ended_at       BIGINT NOT NULL                                                    -- when it was ended or revoked, or 0
) WITH (fillfactor = 70);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_client_id ON sessions (client_id);
CREATE INDEX sessions_expire_at ON sessions (expire_at);

-- Budgets. The keys hide whose they are.
CREATE TABLE counters (
    key       TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- the name of the budget, keyed hashes for addresses
    value     BYTEA NOT NULL,                        -- what is spent, in the form its owner chose
    expire_at BIGINT NOT NULL                        -- when the row means nothing any more
) WITH (fillfactor = 70);
CREATE INDEX counters_expire_at ON counters (expire_at);

-- Messages that wait to be sent. A code is derived when it is sent and stands nowhere.
CREATE TABLE messages (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "msg_..."
    site       TEXT NOT NULL,                         -- whose senders and words are used
    attempt_id TEXT NOT NULL,                         -- the sign-in or sign-up that asked
    purpose    TEXT NOT NULL,                         -- what the code is for
    strategy   TEXT NOT NULL,                         -- "email_code" or "phone_code"
    kind       TEXT NOT NULL,                         -- of the address, as in addresses
    value      TEXT NOT NULL,                         -- of the address, as in addresses
    display    TEXT NOT NULL,                         -- where the message goes
    nonce      BYTEA NOT NULL,                        -- what the code is derived from, with a key kept elsewhere
    asked_at   BIGINT NOT NULL,                       -- when the visitor asked
    next_at    BIGINT NOT NULL,                       -- when the next try is due; a claim moves it on
    expire_at  BIGINT NOT NULL,                       -- when the code ends and the message is pointless
    tries      INTEGER NOT NULL                       -- how often a sender was called
) WITH (fillfactor = 70);
CREATE INDEX messages_next_at ON messages (next_at, id);
CREATE INDEX messages_expire_at ON messages (expire_at);

-- Keys that sign tokens.
CREATE TABLE signing_keys (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- the "kid"
    algorithm  TEXT NOT NULL,                         -- "ES256" or "RS256"
    sealed     BYTEA NOT NULL,                        -- the private key, encrypted with a key kept elsewhere
    created_at BIGINT NOT NULL                        -- decides the order and when a key is dropped
);

-- Reads a counter and locks its key to the end of the transaction, also when there is
-- no such row: a row that is not there cannot be locked. The query after the lock sees
-- what the previous holder committed, as each query of a volatile function does.
-- +goose StatementBegin
CREATE FUNCTION gatelatch_counter(wanted TEXT) RETURNS TABLE (value BYTEA) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(wanted, 0));
    RETURN QUERY SELECT c.value FROM counters c WHERE c.key = wanted;
END
$$;
-- +goose StatementEnd
