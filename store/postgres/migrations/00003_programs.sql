-- SPDX-License-Identifier: Apache-2.0

-- +goose Up

-- Names are sorted by their bytes, as in every other store; and rows change whenever somebody is active.
ALTER TABLE users ALTER COLUMN first_name TYPE TEXT COLLATE "C", ALTER COLUMN last_name TYPE TEXT COLLATE "C";
ALTER TABLE users SET (fillfactor = 70);

-- What operators and apps keep with a user, and what operators may do to one.
ALTER TABLE users ADD COLUMN external_id TEXT COLLATE "C" NOT NULL DEFAULT ''; -- the operator's own name for the user, or empty
ALTER TABLE users ADD COLUMN locale TEXT NOT NULL DEFAULT '';                  -- the language of the browser at sign-up, BCP 47, or empty
ALTER TABLE users ADD COLUMN locked_until BIGINT NOT NULL DEFAULT 0;           -- when an operator's lock ends by itself, or 0
ALTER TABLE users ADD COLUMN keeps_account SMALLINT NOT NULL DEFAULT 0;        -- 1 for a user who may not delete the account, else 0
ALTER TABLE users ADD COLUMN last_active_at BIGINT NOT NULL DEFAULT 0;         -- the last request of any session, to within a minute
ALTER TABLE users ADD COLUMN public_metadata TEXT NOT NULL DEFAULT '';         -- a JSON object for everybody who sees the user, or empty
ALTER TABLE users ADD COLUMN private_metadata TEXT NOT NULL DEFAULT '';        -- one for operators only, or empty
ALTER TABLE users ADD COLUMN unsafe_metadata TEXT NOT NULL DEFAULT '';         -- one that the user may change, or empty
UPDATE users SET last_active_at = GREATEST(last_sign_in_at, COALESCE((
    SELECT MAX(s.last_active_at) FROM sessions s WHERE s.user_id = users.id), 0));
CREATE UNIQUE INDEX users_external_id ON users (external_id) WHERE external_id <> '';
CREATE INDEX users_created_at ON users (created_at, id);

-- The attempts of a client, and the changes of a user, in the order in which they were made.
ALTER TABLE sign_ins ADD COLUMN again SMALLINT NOT NULL DEFAULT 0; -- 1 when it asks the holder of a session once more, else 0
ALTER TABLE sign_ins ADD COLUMN nth BIGINT NOT NULL DEFAULT 0;     -- grows with every one that the client makes
UPDATE sign_ins SET again = CASE WHEN data::json -> 'again' IS NULL THEN 0 ELSE 1 END;
UPDATE sign_ins SET nth = r.nth FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY id) AS nth FROM sign_ins) r WHERE r.id = sign_ins.id;
CREATE INDEX sign_ins_client ON sign_ins (client_id, again, nth, id);

ALTER TABLE sign_ups ADD COLUMN nth BIGINT NOT NULL DEFAULT 0; -- grows with every one that the client makes
UPDATE sign_ups SET nth = r.nth FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY id) AS nth FROM sign_ups) r WHERE r.id = sign_ups.id;
CREATE INDEX sign_ups_client ON sign_ups (client_id, nth, id);

ALTER TABLE changes ADD COLUMN open SMALLINT NOT NULL DEFAULT 0; -- 1 while it waits for its code, else 0
ALTER TABLE changes ADD COLUMN nth BIGINT NOT NULL DEFAULT 0;    -- grows with every one that the user makes
UPDATE changes SET open = CASE WHEN data::json ->> 'status' = 'open' THEN 1 ELSE 0 END;
UPDATE changes SET nth = r.nth FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY id) AS nth FROM changes) r WHERE r.id = changes.id;
CREATE INDEX changes_user ON changes (user_id, nth, id);
DROP INDEX changes_user_id;

-- The newest live sessions of a client.
CREATE INDEX sessions_active_client ON sessions (client_id, created_at, id) WHERE status = 'active';

-- Tokens that let somebody sign in as a user, once. Their text is derived from the id with a key kept elsewhere.
CREATE TABLE sign_in_tokens (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,                             -- "sit_..."
    user_id     TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- who is signed in
    created_at  BIGINT NOT NULL,                                                   -- when it was made
    expire_at   BIGINT NOT NULL,                                                   -- when it ends by itself
    accepted_at BIGINT NOT NULL,                                                   -- when it was used, or 0
    revoked_at  BIGINT NOT NULL,                                                   -- when it was taken back, or 0
    over_at     BIGINT NOT NULL                                                    -- the first of the three; it is kept for a while after that
) WITH (fillfactor = 70);
CREATE INDEX sign_in_tokens_user_id ON sign_in_tokens (user_id);
CREATE INDEX sign_in_tokens_over_at ON sign_in_tokens (over_at);

-- Invitations of apps, and how operators find them.
ALTER TABLE invitations ADD COLUMN public_metadata TEXT NOT NULL DEFAULT ''; -- a JSON object for the user that is made of it, or empty
ALTER TABLE invitations ADD COLUMN redirect_url TEXT NOT NULL DEFAULT '';    -- where its link leads, or empty
ALTER TABLE invitations ADD COLUMN search TEXT NOT NULL DEFAULT '';          -- the address in both forms in lower case, a line each
UPDATE invitations SET search = value || chr(10) || lower(display);
CREATE INDEX invitations_created_at ON invitations (created_at, id);

-- Entries that an operator has turned down, and how operators find them.
ALTER TABLE waitlist ADD COLUMN rejected_at BIGINT NOT NULL DEFAULT 0; -- when an operator said no, or 0
ALTER TABLE waitlist ADD COLUMN search TEXT NOT NULL DEFAULT '';       -- the address in both forms in lower case, a line each
UPDATE waitlist SET search = value || chr(10) || lower(display);
CREATE INDEX waitlist_created_at ON waitlist (created_at, id);
DROP INDEX waitlist_waiting;
CREATE INDEX waitlist_waiting ON waitlist (id) WHERE approved_at = 0 AND rejected_at = 0;
