-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- What users may and must do, and what they can be recognised by.
ALTER TABLE users ADD COLUMN banned INTEGER NOT NULL DEFAULT 0;            -- 1 for a user who has no session and gets none, else 0
ALTER TABLE users ADD COLUMN password_reset INTEGER NOT NULL DEFAULT 0;    -- 1 when a new password comes before anything else, else 0
ALTER TABLE users ADD COLUMN has_password INTEGER NOT NULL DEFAULT 0;      -- 1 when credentials hold a password, else 0
ALTER TABLE users ADD COLUMN has_totp INTEGER NOT NULL DEFAULT 0;          -- 1 when they hold a confirmed authenticator app, else 0
ALTER TABLE users ADD COLUMN has_backup_codes INTEGER NOT NULL DEFAULT 0;  -- 1 when they hold backup codes, used ones too, else 0
ALTER TABLE users ADD COLUMN has_passkey INTEGER NOT NULL DEFAULT 0;       -- 1 when they hold a passkey, else 0
ALTER TABLE users ADD COLUMN terms_version TEXT NOT NULL DEFAULT '';       -- the version of the terms that was accepted, or empty
ALTER TABLE users ADD COLUMN terms_accepted_at INTEGER NOT NULL DEFAULT 0; -- when it was, or 0
ALTER TABLE users ADD COLUMN search TEXT NOT NULL DEFAULT '';              -- names and addresses in lower case, a line each, for the operator's search
UPDATE users SET search = lower(trim(first_name || ' ' || last_name) || char(10) || COALESCE((
    SELECT group_concat(a.value || char(10) || a.display, char(10)) FROM addresses a WHERE a.user_id = users.id), ''));

-- A number reserved for the second step begins no sign-in.
ALTER TABLE addresses ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0; -- 1 for such a number, else 0

-- What users are recognised by, beside addresses.
CREATE TABLE credentials (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, -- whose they are
    data    TEXT NOT NULL                                                      -- one JSON document; secrets in it are encrypted or hashed with keys kept elsewhere
) STRICT;

-- Trusted devices, as their owner sees them.
ALTER TABLE client_trusts ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0; -- the last sign-in or request there, to within a minute
ALTER TABLE client_trusts ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';     -- what the browser called itself at the proof, cut
ALTER TABLE client_trusts ADD COLUMN ip TEXT NOT NULL DEFAULT '';             -- its network address then
UPDATE client_trusts SET last_used_at = trusted_at;

-- What a session was begun with, and how long ago that was proven.
ALTER TABLE sessions ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0;  -- when the first factor, in strategy, was last proven
ALTER TABLE sessions ADD COLUMN second TEXT NOT NULL DEFAULT '';      -- the second factor, or empty
ALTER TABLE sessions ADD COLUMN second_at INTEGER NOT NULL DEFAULT 0; -- when it was last proven, or 0
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';  -- what the browser called itself at sign-in, cut
ALTER TABLE sessions ADD COLUMN ip TEXT NOT NULL DEFAULT '';          -- its network address then
UPDATE sessions SET first_at = created_at;
-- The newest live sessions of a user, and whether there is any on a client, without going through all that they ever had.
CREATE INDEX sessions_active ON sessions (user_id, created_at, id) WHERE status = 'active';
CREATE INDEX sessions_client_user ON sessions (client_id, user_id);
DROP INDEX sessions_client_id;

-- Changes of an account that a code has to confirm.
CREATE TABLE changes (
    id         TEXT NOT NULL PRIMARY KEY,                             -- "chg_..."
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose account it is
    client_id  TEXT NOT NULL,                                         -- the client it is bound to
    abandon_at INTEGER NOT NULL,                                      -- when it is over, whatever its status
    data       TEXT NOT NULL                                          -- the change, one JSON document; holds no code
) STRICT;
CREATE INDEX changes_abandon_at ON changes (abandon_at);
CREATE INDEX changes_user_id ON changes (user_id);

-- Addresses whose holders may sign up where not everybody may.
CREATE TABLE invitations (
    id          TEXT NOT NULL PRIMARY KEY, -- "inv_..."
    kind        TEXT NOT NULL,             -- of the address, as in addresses
    value       TEXT NOT NULL,             -- of the address, as in addresses
    display     TEXT NOT NULL,             -- where the message goes
    created_at  INTEGER NOT NULL,          -- when it was made
    expire_at   INTEGER NOT NULL,          -- when it ends by itself
    accepted_at INTEGER NOT NULL,          -- when a user was made of it, or 0
    revoked_at  INTEGER NOT NULL,          -- when it was taken back, or 0
    over_at     INTEGER NOT NULL           -- the first of the three; it is kept for a while after that
) STRICT;
CREATE INDEX invitations_address ON invitations (kind, value, created_at);
CREATE INDEX invitations_over_at ON invitations (over_at);

-- Proven addresses that wait to be let in.
CREATE TABLE waitlist (
    id          TEXT NOT NULL PRIMARY KEY, -- "wle_..."
    kind        TEXT NOT NULL,             -- of the address, as in addresses
    value       TEXT NOT NULL,             -- of the address, as in addresses
    display     TEXT NOT NULL,             -- where the message goes
    created_at  INTEGER NOT NULL,          -- when the address was proven
    approved_at INTEGER NOT NULL,          -- when it was let in, or 0 while it waits
    UNIQUE (kind, value)
) STRICT;
CREATE INDEX waitlist_waiting ON waitlist (id) WHERE approved_at = 0;

-- Lines of the lists that say whose addresses may sign up.
CREATE TABLE restrictions (
    id         TEXT NOT NULL PRIMARY KEY, -- "rst_..."
    list       TEXT NOT NULL,             -- "allow" or "block"
    pattern    TEXT NOT NULL,             -- what the line is about, normalised
    created_at INTEGER NOT NULL,          -- when it was added
    UNIQUE (list, pattern)
) STRICT;

-- What operators have changed at run time. One row.
CREATE TABLE settings (
    key  TEXT NOT NULL PRIMARY KEY, -- "settings"
    data TEXT NOT NULL              -- one JSON document
) STRICT;

-- What a message that only tells something is about.
ALTER TABLE messages ADD COLUMN details TEXT NOT NULL DEFAULT ''; -- one JSON document, or empty
