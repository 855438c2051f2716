// SPDX-License-Identifier: Apache-2.0

// Walks the Backend API with @clerk/backend as an operator's program would.
import assert from 'node:assert/strict'

import { createClerkClient } from '@clerk/backend'

import { input, methods, refusal, tell, watched } from './steps.mjs'

const { apiUrl, secretKey, visitor } = input
const client = createClerkClient({ apiUrl, secretKey, telemetry: { disabled: true } })
const [clerk, called] = watched(client)

let made // the user that the steps work on

const ids = page => page.data.map(item => item.id)

const users = {
  'a user is made, with addresses that count as proven': async () => {
    made = await clerk.users.createUser({
      emailAddress: ['made@example.org', 'second@example.org'],
      phoneNumber: ['+12015550131'],
      password: 'correct horse battery staple',
      firstName: 'Made',
      lastName: 'Up',
      externalId: 'ext-1',
      publicMetadata: { plan: 'pro', deep: { a: 1, b: 2 } },
      privateMetadata: { notes: 'not for browsers' },
    })
    assert.match(made.id, /^user_/)
    assert.deepEqual(made.emailAddresses.map(a => [a.emailAddress, a.verification.status]), [
      ['made@example.org', 'verified'],
      ['second@example.org', 'verified'],
    ])
    assert.equal(made.primaryEmailAddress.emailAddress, 'made@example.org')
    assert.equal(made.phoneNumbers[0].phoneNumber, '+12015550131')
    assert.deepEqual(made.publicMetadata, { plan: 'pro', deep: { a: 1, b: 2 } })
    assert.deepEqual(made.privateMetadata, { notes: 'not for browsers' })
    assert.equal(made.passwordEnabled, true)
    assert.equal(made.externalId, 'ext-1')
    assert.ok(Math.abs(made.createdAt - Date.now()) < 60_000, `created at ${made.createdAt}`)
  },
  'a taken address is refused': async () => {
    const { status, code } = await refusal(clerk.users.createUser({ emailAddress: ['made@example.org'] }))
    assert.deepEqual([status, code], [422, 'form_identifier_exists'])
  },
  'a bad address is refused': async () => {
    const { status, code } = await refusal(clerk.users.createUser({ emailAddress: ['nobody'] }))
    assert.deepEqual([status, code], [422, 'form_param_format_invalid'])
  },
  'a bare user needs nothing but an address': async () => {
    const bare = await clerk.users.createUser({ emailAddress: ['bare@example.org'], skipPasswordRequirement: true })
    assert.equal(bare.passwordEnabled, false)
    assert.equal(bare.firstName, null)
  },
  'users are listed, newest first, with a total': async () => {
    const { data, totalCount } = await clerk.users.getUserList()
    assert.equal(totalCount, data.length)
    assert.deepEqual(data.slice(0, 2).map(u => u.primaryEmailAddress?.emailAddress), ['bare@example.org', 'made@example.org'])
    assert.equal(await clerk.users.getCount(), totalCount)
  },
  'lists are cut into pages': async () => {
    const all = ids(await clerk.users.getUserList({ orderBy: '+created_at' }))
    const first = await clerk.users.getUserList({ orderBy: '+created_at', limit: 1 })
    const second = await clerk.users.getUserList({ orderBy: '+created_at', limit: 1, offset: 1 })
    assert.deepEqual([...ids(first), ...ids(second)], all.slice(0, 2))
    assert.equal(first.totalCount, all.length)
  },
  'filters pick users': async () => {
    const pick = async filter => {
      const { data, totalCount } = await clerk.users.getUserList(filter)
      assert.equal(totalCount, data.length, JSON.stringify(filter))
      assert.equal(await clerk.users.getCount(filter), totalCount, JSON.stringify(filter))
      return data.map(u => u.primaryEmailAddress.emailAddress).sort()
    }
    assert.deepEqual(await pick({ emailAddress: ['second@example.org'] }), ['made@example.org'])
    assert.deepEqual(await pick({ emailAddress: ['made@example.org', 'bare@example.org'] }), ['bare@example.org', 'made@example.org'])
    assert.deepEqual(await pick({ phoneNumber: ['+12015550131'] }), ['made@example.org'])
    assert.deepEqual(await pick({ userId: [made.id] }), ['made@example.org'])
    assert.deepEqual(await pick({ externalId: ['ext-1'] }), ['made@example.org'])
    assert.deepEqual(await pick({ query: 'MADE' }), ['made@example.org'])
    assert.deepEqual(await pick({ emailAddress: ['nobody@example.org'] }), [])
  },
  'an unknown order is refused': async () => {
    assert.equal((await refusal(clerk.users.getUserList({ orderBy: 'shoe_size' }))).status, 422)
  },
  'a user is found by id, and nobody by another': async () => {
    assert.equal((await clerk.users.getUser(made.id)).id, made.id)
    const { status, code } = await refusal(clerk.users.getUser('user_nobody'))
    assert.deepEqual([status, code], [404, 'resource_not_found'])
  },
  'a user is changed': async () => {
    const changed = await clerk.users.updateUser(made.id, { firstName: 'Changed', externalId: 'ext-2' })
    assert.deepEqual([changed.firstName, changed.lastName, changed.externalId], ['Changed', 'Up', 'ext-2'])
    assert.ok(changed.updatedAt >= made.updatedAt)
    assert.equal((await clerk.users.updateUser(made.id, { lastName: null })).lastName, null)
  },
  'metadata are merged deeply': async () => {
    const merged = await clerk.users.updateUserMetadata(made.id, { publicMetadata: { deep: { b: null, c: [3] }, plan: 'team' } })
    assert.deepEqual(merged.publicMetadata, { plan: 'team', deep: { a: 1, c: [3] } })
    assert.deepEqual(merged.privateMetadata, { notes: 'not for browsers' })
  },
  'metadata are replaced bag by bag': async () => {
    const replaced = await clerk.users.replaceUserMetadata(made.id, { publicMetadata: { new: true } })
    assert.deepEqual(replaced.publicMetadata, { new: true })
    assert.deepEqual(replaced.privateMetadata, { notes: 'not for browsers' })
  },
  'a password is checked': async () => {
    const right = { userId: made.id, password: 'correct horse battery staple' }
    assert.deepEqual(await clerk.users.verifyPassword(right), { verified: true })
    const { status, code } = await refusal(clerk.users.verifyPassword({ ...right, password: 'wrong wrong wrong' }))
    assert.deepEqual([status, code], [422, 'incorrect_password'])
  },
  'a weak password is refused': async () => {
    const { status, param } = await refusal(clerk.users.updateUser(made.id, { password: 'short' }))
    assert.deepEqual([status, param], [422, 'password'])
  },
  'a code of no app is refused': async () => {
    const { status } = await refusal(clerk.users.verifyTOTP({ userId: made.id, code: '000000' }))
    assert.ok(status === 422 || status === 400, `status ${status}`)
  },
  'a password is called compromised and not': async () => {
    await clerk.users.setPasswordCompromised(made.id)
    await clerk.users.unsetPasswordCompromised(made.id)
  },
  'a password is removed': async () => {
    assert.equal((await clerk.users.removePassword(made.id)).passwordEnabled, false)
    assert.equal((await refusal(clerk.users.verifyPassword({ userId: made.id, password: 'any thing at all' }))).status, 400)
  },
  'second steps are taken away': async () => {
    assert.deepEqual(await clerk.users.disableUserMFA(made.id), { user_id: made.id })
    for (const call of ['deleteUserTOTP', 'deleteUserBackupCodes']) {
      const outcome = await clerk.users[call](made.id).catch(error => error)
      assert.ok(outcome.user_id === made.id || outcome.status === 404, `${call}: ${JSON.stringify(outcome)}`)
    }
    const { status } = await refusal(clerk.users.deleteUserPasskey({ userId: made.id, passkeyIdentificationId: 'idn_none' }))
    assert.equal(status, 404)
  },
  'a user is banned and let in again': async () => {
    assert.equal((await clerk.users.banUser(made.id)).banned, true)
    assert.equal((await clerk.users.unbanUser(made.id)).banned, false)
  },
  'a user is locked and unlocked': async () => {
    assert.equal((await clerk.users.lockUser(made.id)).locked, true)
    assert.equal((await clerk.users.unlockUser(made.id)).locked, false)
  },
  'there are no organizations': async () => {
    const { data, totalCount } = await clerk.users.getOrganizationMembershipList({ userId: made.id })
    assert.deepEqual([data, totalCount], [[], 0])
    const invitations = await clerk.users.getOrganizationInvitationList({ userId: made.id })
    assert.deepEqual([invitations.data, invitations.totalCount], [[], 0])
  },
}

const addresses = {
  'an address is added, proven, found and deleted': async () => {
    const added = await clerk.emailAddresses.createEmailAddress({ userId: made.id, emailAddress: 'third@example.org', verified: true })
    assert.equal(added.verification.status, 'verified')
    assert.equal((await clerk.emailAddresses.getEmailAddress(added.id)).emailAddress, 'third@example.org')
    const primary = await clerk.emailAddresses.updateEmailAddress(added.id, { primary: true })
    assert.equal((await clerk.users.getUser(made.id)).primaryEmailAddressId, primary.id)
    const gone = await clerk.emailAddresses.deleteEmailAddress(added.id)
    assert.deepEqual([gone.id, gone.deleted], [added.id, true])
    assert.equal((await refusal(clerk.emailAddresses.getEmailAddress(added.id))).status, 404)
  },
  'a number is added, kept for second steps and deleted': async () => {
    const added = await clerk.phoneNumbers.createPhoneNumber({ userId: made.id, phoneNumber: '+12015550132', verified: true })
    assert.equal((await clerk.phoneNumbers.getPhoneNumber(added.id)).phoneNumber, '+12015550132')
    const kept = await clerk.phoneNumbers.updatePhoneNumber(added.id, { reservedForSecondFactor: true })
    assert.equal(kept.reservedForSecondFactor, true)
    assert.equal((await clerk.phoneNumbers.deletePhoneNumber(added.id)).deleted, true)
  },
  'all addresses are replaced at once': async () => {
    assert.equal((await clerk.users.replaceUserEmailAddress(made.id, { emailAddress: 'only@example.org' })).emailAddress, 'only@example.org')
    assert.equal((await clerk.users.replaceUserPhoneNumber(made.id, { phoneNumber: '+12015550133' })).phoneNumber, '+12015550133')
    const { emailAddresses, phoneNumbers } = await clerk.users.getUser(made.id)
    assert.deepEqual([emailAddresses.map(a => a.emailAddress), phoneNumbers.map(n => n.phoneNumber)], [['only@example.org'], ['+12015550133']])
  },
}

const sessions = {
  'sessions are listed': async () => {
    const { data, totalCount } = await clerk.sessions.getSessionList({ userId: visitor.user })
    assert.equal(totalCount, data.length)
    assert.ok(ids({ data }).includes(visitor.session), JSON.stringify(data))
    const active = await clerk.sessions.getSessionList({ userId: visitor.user, status: 'active' })
    assert.ok(active.data.every(s => s.status === 'active'))
    assert.deepEqual(ids(await clerk.sessions.getSessionList({ userId: made.id })), [])
  },
  'a session is found': async () => {
    const session = await clerk.sessions.getSession(visitor.session)
    assert.deepEqual([session.userId, session.status], [visitor.user, 'active'])
    assert.ok(session.expireAt > Date.now())
    assert.equal((await refusal(clerk.sessions.getSession('sess_none'))).status, 404)
  },
  'a token is made for a session': async () => {
    const { jwt } = await clerk.sessions.getToken(visitor.session)
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'))
    assert.deepEqual([claims.sub, claims.sid], [visitor.user, visitor.session])
    assert.equal((await refusal(clerk.sessions.getToken(visitor.session, 'no-such-template'))).status, 404)
  },
  'a token is made by a template': async () => {
    const { jwt } = await clerk.sessions.getToken(visitor.session, 'hasura')
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'))
    assert.equal(claims.mail, visitor.email)
  },
  'a session is made in test mode': async () => {
    const session = await clerk.sessions.createSession({ userId: made.id })
    assert.deepEqual([session.userId, session.status], [made.id, 'active'])
    const { jwt } = await clerk.sessions.getToken(session.id)
    assert.ok(jwt)
  },
  'clients are listed and found': async () => {
    const list = await clerk.clients.getClientList()
    assert.ok(list.totalCount >= 1)
    const { clientId } = await clerk.sessions.getSession(visitor.session)
    const found = await clerk.clients.getClient(clientId)
    assert.ok(found.sessionIds.includes(visitor.session))
    assert.equal((await clerk.clients.verifyClient(visitor.clientCookie)).id, clientId)
    assert.equal((await refusal(clerk.clients.verifyClient('nonsense'))).status, 404)
  },
  'a session is revoked': async () => {
    assert.equal((await clerk.sessions.revokeSession(visitor.session)).status, 'revoked')
    assert.equal((await clerk.sessions.getSession(visitor.session)).status, 'revoked')
  },
}

const admission = {
  'an invitation is sent, listed and revoked': async () => {
    const sent = await clerk.invitations.createInvitation({ emailAddress: 'invited@example.org', publicMetadata: { role: 'guest' } })
    assert.deepEqual([sent.status, sent.emailAddress, sent.publicMetadata], ['pending', 'invited@example.org', { role: 'guest' }])
    assert.ok(sent.url?.includes('ticket='), String(sent.url))
    assert.ok(ids(await clerk.invitations.getInvitationList({ status: 'pending' })).includes(sent.id))
    const { status, code } = await refusal(clerk.invitations.createInvitation({ emailAddress: 'invited@example.org' }))
    assert.deepEqual([status, code], [400, 'duplicate_record'])
    assert.equal((await clerk.invitations.revokeInvitation(sent.id)).status, 'revoked')
    assert.ok(!ids(await clerk.invitations.getInvitationList()).includes(sent.id))
  },
  'many are invited at once': async () => {
    const list = await clerk.invitations.createInvitationBulk([
      { emailAddress: 'bulk1@example.org', notify: false },
      { emailAddress: 'bulk2@example.org', notify: false },
    ])
    assert.deepEqual(list.map(i => i.emailAddress), ['bulk1@example.org', 'bulk2@example.org'])
  },
  'the list of who may sign up is kept': async () => {
    const added = await clerk.allowlistIdentifiers.createAllowlistIdentifier({ identifier: '*@allowed.example', notify: false })
    assert.equal(added.identifier, '*@allowed.example')
    assert.ok(ids(await clerk.allowlistIdentifiers.getAllowlistIdentifierList()).includes(added.id))
    assert.equal((await clerk.allowlistIdentifiers.deleteAllowlistIdentifier(added.id)).deleted, true)
  },
  'the list of who may not is kept': async () => {
    const added = await clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier: 'mallory@example.org' })
    assert.equal(added.identifierType, 'email_address')
    const { data, totalCount } = await clerk.blocklistIdentifiers.getBlocklistIdentifierList()
    assert.ok(ids({ data }).includes(added.id) && totalCount === data.length)
    assert.equal((await clerk.blocklistIdentifiers.deleteBlocklistIdentifier(added.id)).deleted, true)
  },
  'the waitlist is kept': async () => {
    const waiting = await clerk.waitlistEntries.create({ emailAddress: 'waiting@example.org', notify: false })
    assert.equal(waiting.status, 'pending')
    const [more] = await clerk.waitlistEntries.createBulk([{ emailAddress: 'patient@example.org', notify: false }])
    const { data, totalCount } = await clerk.waitlistEntries.list()
    assert.ok(totalCount >= 2 && ids({ data }).includes(more.id))
    assert.equal((await clerk.waitlistEntries.invite(waiting.id)).status, 'invited')
    assert.equal((await clerk.waitlistEntries.reject(more.id)).status, 'rejected')
    assert.equal((await clerk.waitlistEntries.delete(more.id)).deleted, true)
  },
}

const rest = {
  'a sign-in token is made and revoked': async () => {
    const token = await clerk.signInTokens.createSignInToken({ userId: made.id, expiresInSeconds: 600 })
    assert.deepEqual([token.userId, token.status], [made.id, 'pending'])
    assert.ok(token.token && token.url)
    assert.equal((await clerk.signInTokens.revokeSignInToken(token.id)).status, 'revoked')
  },
  'a testing token is made': async () => {
    const token = await clerk.testingTokens.createTestingToken()
    assert.ok(token.token)
    assert.ok((token.expiresAt ?? token.expires_at) > Date.now() / 1000)
  },
  'the keys are told': async () => {
    const { keys } = await clerk.jwks.getJwks()
    assert.ok(keys.length > 0 && keys.every(k => k.kty === 'RSA' && k.alg === 'RS256' && k.kid))
  },
  'the instance is described': async () => {
    assert.ok((await clerk.instance.get()).id)
    const restrictions = await clerk.instance.updateRestrictions({}).catch(error => error)
    assert.ok(restrictions.allowlist !== undefined || restrictions.status === 403, JSON.stringify(restrictions))
    assert.equal((await refusal(clerk.instance.update({ testMode: false }))).status, 403)
  },
  'what is not offered is not found': async () => {
    assert.equal((await refusal(clerk.organizations.getOrganization({ slug: 'acme' }))).status, 404)
  },
  'a user is deleted': async () => {
    const gone = await clerk.users.deleteUser(made.id)
    assert.deepEqual([gone.id, gone.deleted], [made.id, true])
    assert.equal((await refusal(clerk.users.getUser(made.id))).status, 404)
  },
  'another key opens nothing': async () => {
    const stranger = createClerkClient({ apiUrl, secretKey: `${secretKey}x`, telemetry: { disabled: true } })
    const { status, code } = await refusal(stranger.users.getUserList())
    assert.deepEqual([status, code], [401, 'clerk_key_invalid'])
  },
}

// Calls of the offered APIs that have no place in this product, and why.
const left = new Set([
  'users.updateUserProfileImage', // pictures are not kept
  'users.deleteUserProfileImage',
  'users.getUserOauthAccessToken', // no OAuth
  'users.deleteUserExternalAccount',
  'users.deleteUserWeb3Wallet', // no wallets
  'sessions.refreshSession', // no refresh tokens are given out
  'sessions.verifySession', // deprecated
  'clients.getHandshakePayload', // the handshake carries its token itself
  'instance.getOrganizationSettings', // no organizations
  'instance.updateOrganizationSettings',
])

const signUps = {
  'a sign-up under way is found and changed': async () => {
    const found = await clerk.signUps.get(visitor.signUp)
    assert.deepEqual([found.id, found.status, found.emailAddress], [visitor.signUp, 'missing_requirements', visitor.signUpEmail])
    assert.equal(found.verifications.emailAddress.nextAction, 'needs_prepare')
    const changed = await clerk.signUps.update({ signUpAttemptId: visitor.signUp, externalId: 'ext-9', customAction: true })
    assert.deepEqual([changed.externalId, changed.customAction], ['ext-9', true])
    assert.equal((await refusal(clerk.signUps.get('sua_nobody'))).status, 404)
  },
  'a field that nobody knows is refused': async () => {
    const { status, code, param } = await refusal(clerk.users.createUser({ emailAddress: ['x@example.org'], shoeSize: 43 }))
    assert.deepEqual([status, code, param], [422, 'form_param_unknown', 'shoe_size'])
    const named = await refusal(clerk.users.createUser({ emailAddress: ['x@example.org'], username: 'x' }))
    assert.deepEqual([named.status, named.param], [422, 'username'])
  },
}

const coverage = {
  'every offered call was made': () => {
    const offered = ['users', 'emailAddresses', 'phoneNumbers', 'sessions', 'clients', 'invitations', 'allowlistIdentifiers',
      'blocklistIdentifiers', 'waitlistEntries', 'signInTokens', 'signUps', 'testingTokens', 'jwks', 'instance']
    const missed = offered.flatMap(name => methods(client, name)).filter(name => !called.has(name) && !left.has(name))
    assert.deepEqual(missed, [])
  },
}

await tell({ ...users, ...addresses, ...sessions, ...admission, ...signUps, ...rest, ...coverage })
