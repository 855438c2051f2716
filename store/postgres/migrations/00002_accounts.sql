-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- What users may and must do, and what they can be recognised by.
ALTER TABLE users ADD COLUMN banned SMALLINT NOT NULL DEFAULT 0;           -- 1 for a user who has no session and gets none, else 0
ALTER TABLE users ADD COLUMN password_reset SMALLINT NOT NULL DEFAULT 0;   -- 1 when a new password comes before anything else, else 0
ALTER TABLE users ADD COLUMN has_password SMALLINT NOT NULL DEFAULT 0;     -- 1 when credentials hold a password, else 0
ALTER TABLE users ADD COLUMN has_totp SMALLINT NOT NULL DEFAULT 0;         -- 1 when they hold a confirmed authenticator app, else 0
ALTER TABLE users ADD COLUMN has_backup_codes SMALLINT NOT NULL DEFAULT 0; -- 1 when they hold backup codes, used ones too, else 0
ALTER TABLE users ADD COLUMN has_passkey SMALLINT NOT NULL DEFAULT 0;      -- 1 when they hold a passkey, else 0
ALTER TABLE users ADD COLUMN terms_version TEXT NOT NULL DEFAULT '';       -- the version of the terms that was accepted, or empty
ALTER TABLE users ADD COLUMN terms_accepted_at BIGINT NOT NULL DEFAULT 0;  -- when it was, or 0
ALTER TABLE users ADD COLUMN search TEXT NOT NULL DEFAULT '';              -- names and addresses in lower case, a line each, for the operator's search
UPDATE users SET search = lower(trim(first_name || ' ' || last_name) || chr(10) || COALESCE((
    SELECT string_agg(a.value || chr(10) || a.display, chr(10)) FROM addresses a WHERE a.user_id = users.id), ''));

-- A number reserved for the second step begins no sign-in.
ALTER TABLE addresses ADD COLUMN second_factor SMALLINT NOT NULL DEFAULT 0; -- 1 for such a number, else 0

-- What users are recognised by, beside addresses.
CREATE TABLE credentials (
    user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, -- whose they are
    data    TEXT NOT NULL                                                                  -- one JSON document; secrets in it are encrypted or hashed with keys kept elsewhere
) WITH (fillfactor = 70);

-- Trusted devices, as their owner sees them.
ALTER TABLE client_trusts ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0; -- the last sign-in or request there, to within a minute
ALTER TABLE client_trusts ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';    -- what the browser called itself at the proof, cut
ALTER TABLE client_trusts ADD COLUMN ip TEXT NOT NULL DEFAULT '';            -- its network address then
UPDATE client_trusts SET last_used_at = trusted_at;
ALTER TABLE client_trusts SET (fillfactor = 70);

-- What a session was begun with, and how long ago that was proven.
ALTER TABLE sessions ADD COLUMN first_at BIGINT NOT NULL DEFAULT 0;  -- when the first factor, in strategy, was last proven
ALTER TABLE sessions ADD COLUMN second TEXT NOT NULL DEFAULT '';     -- the second factor, or empty
ALTER TABLE sessions ADD COLUMN second_at BIGINT NOT NULL DEFAULT 0; -- when it was last proven, or 0
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT ''; -- what the browser called itself at sign-in, cut
ALTER TABLE sessions ADD COLUMN ip TEXT NOT NULL DEFAULT '';         -- its network address then
UPDATE sessions SET first_at = created_at;
-- The newest live sessions of a user, and whether there is any on a client, without going through all that they ever had.
CREATE INDEX sessions_active ON sessions (user_id, created_at, id) WHERE status = 'active';
CREATE INDEX sessions_client_user ON sessions (client_id, user_id);
DROP INDEX sessions_client_id;

-- Changes of an account that a code has to confirm.
CREATE TABLE changes (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,                             -- "chg_..."
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose account it is
    client_id  TEXT COLLATE "C" NOT NULL,                                         -- the client it is bound to
    abandon_at BIGINT NOT NULL,                                                   -- when it is over, whatever its status
    data       TEXT NOT NULL                                                      -- the change, one JSON document; holds no code
) WITH (fillfactor = 70);
CREATE INDEX changes_abandon_at ON changes (abandon_at);
CREATE INDEX changes_user_id ON changes (user_id);

-- Addresses whose holders may sign up where not everybody may.
CREATE TABLE invitations (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "inv_..."
    kind        TEXT COLLATE "C" NOT NULL,             -- of the address, as in addresses
    value       TEXT COLLATE "C" NOT NULL,             -- of the address, as in addresses
    display     TEXT NOT NULL,                         -- where the message goes
    created_at  BIGINT NOT NULL,                       -- when it was made
    expire_at   BIGINT NOT NULL,                       -- when it ends by itself
    accepted_at BIGINT NOT NULL,                       -- when a user was made of it, or 0
    revoked_at  BIGINT NOT NULL,                       -- when it was taken back, or 0
    over_at     BIGINT NOT NULL                        -- the first of the three; it is kept for a while after that
);
CREATE INDEX invitations_address ON invitations (kind, value, created_at);
CREATE INDEX invitations_over_at ON invitations (over_at);

-- Proven addresses that wait to be let in.
CREATE TABLE waitlist (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "wle_..."
    kind        TEXT COLLATE "C" NOT NULL,             -- of the address, as in addresses
    value       TEXT COLLATE "C" NOT NULL,             -- of the address, as in addresses
    display     TEXT NOT NULL,                         -- where the message goes
    created_at  BIGINT NOT NULL,                       -- when the address was proven
    approved_at BIGINT NOT NULL,                       -- when it was let in, or 0 while it waits
    UNIQUE (kind, value)
);
CREATE INDEX waitlist_waiting ON waitlist (id) WHERE approved_at = 0;

-- Lines of the lists that say whose addresses may sign up.
CREATE TABLE restrictions (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "rst_..."
    list       TEXT COLLATE "C" NOT NULL,             -- "allow" or "block"
    pattern    TEXT COLLATE "C" NOT NULL,             -- what the line is about, normalised
    created_at BIGINT NOT NULL,                       -- when it was added
    UNIQUE (list, pattern)
);

-- What operators have changed at run time. One row.
CREATE TABLE settings (
    key  TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "settings"
    data TEXT NOT NULL                          -- one JSON document
);

-- What a message that only tells something is about.
ALTER TABLE messages ADD COLUMN details TEXT NOT NULL DEFAULT ''; -- one JSON document, or empty
