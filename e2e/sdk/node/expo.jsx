// SPDX-License-Identifier: Apache-2.0

// Screens of an Expo app, in the way of Clerk's guides.
import { useAuth, useSignIn, useSignUp } from '@clerk/react'
import { useSignUp as useLegacySignUp } from '@clerk/react/legacy'
import { useState } from 'react'
import { Pressable, Text, TextInput, View } from 'react-native'

import { drive } from './driver.jsx'

const navigate = () => {}

function Button({ title, onPress, disabled }) {
  return (
    <Pressable onPress={onPress} disabled={disabled}>
      <Text>{title}</Text>
    </Pressable>
  )
}

function SignedIn() {
  const { userId } = useAuth()
  return <Text>Welcome {userId}</Text>
}

function SignUp() {
  const { signUp, errors, fetchStatus } = useSignUp()
  const { isSignedIn } = useAuth()
  const [address, setAddress] = useState('')
  const [code, setCode] = useState('')
  if (isSignedIn) return <SignedIn />

  const phone = address.startsWith('+')
  const begin = async () => {
    const { error } = await signUp.create(phone ? { phoneNumber: address } : { emailAddress: address })
    if (error) return
    await (phone ? signUp.verifications.sendPhoneCode() : signUp.verifications.sendEmailCode())
  }
  const check = async () => {
    await (phone ? signUp.verifications.verifyPhoneCode({ code }) : signUp.verifications.verifyEmailCode({ code }))
    if (signUp.status === 'complete') await signUp.finalize({ navigate })
  }

  if (signUp.status === 'missing_requirements' && signUp.unverifiedFields.length > 0) {
    return (
      <View>
        <TextInput placeholder="Code" value={code} onChangeText={setCode} />
        <Text>{errors.fields.code?.longMessage}</Text>
        <Button title="Verify" onPress={check} disabled={fetchStatus === 'fetching'} />
      </View>
    )
  }
  return (
    <View>
      <TextInput placeholder="Address" value={address} onChangeText={setAddress} />
      <Text>{(errors.fields.emailAddress ?? errors.fields.phoneNumber)?.longMessage}</Text>
      <Button title="Sign up" onPress={begin} disabled={fetchStatus === 'fetching'} />
    </View>
  )
}

function SignIn() {
  const { signIn, errors, fetchStatus } = useSignIn()
  const { isSignedIn } = useAuth()
  const [address, setAddress] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  if (isSignedIn) return <SignedIn />

  const begin = async () => {
    const { error } = await signIn.password({ identifier: address, password })
    if (error) return
    if (signIn.status === 'needs_client_trust') await signIn.mfa.sendEmailCode()
    if (signIn.status === 'complete') await signIn.finalize({ navigate })
  }
  const check = async () => {
    await signIn.mfa.verifyEmailCode({ code })
    if (signIn.status === 'complete') await signIn.finalize({ navigate })
  }

  if (signIn.status === 'needs_client_trust') {
    return (
      <View>
        <TextInput placeholder="Code" value={code} onChangeText={setCode} />
        <Text>{errors.fields.code?.longMessage}</Text>
        <Button title="Verify" onPress={check} disabled={fetchStatus === 'fetching'} />
      </View>
    )
  }
  return (
    <View>
      <TextInput placeholder="Address" value={address} onChangeText={setAddress} />
      <TextInput placeholder="Password" value={password} onChangeText={setPassword} />
      <Text>{(errors.fields.identifier ?? errors.fields.password)?.longMessage}</Text>
      <Button title="Sign in" onPress={begin} disabled={fetchStatus === 'fetching'} />
    </View>
  )
}

function LegacySignUp() {
  const { isLoaded, signUp, setActive } = useLegacySignUp()
  const { isSignedIn } = useAuth()
  const [address, setAddress] = useState('')
  const [code, setCode] = useState('')
  const [sent, setSent] = useState(false)
  if (isSignedIn) return <SignedIn />

  const begin = async () => {
    await signUp.create({ phoneNumber: address })
    await signUp.preparePhoneNumberVerification()
    setSent(true)
  }
  const check = async () => {
    const done = await signUp.attemptPhoneNumberVerification({ code })
    if (done.status === 'complete') await setActive({ session: done.createdSessionId, navigate })
  }
  return (
    <View>
      {sent ? (
        <TextInput placeholder="Code" value={code} onChangeText={setCode} />
      ) : (
        <TextInput placeholder="Address" value={address} onChangeText={setAddress} />
      )}
      <Button title={sent ? 'Verify' : 'Sign up'} onPress={sent ? check : begin} disabled={!isLoaded} />
    </View>
  )
}

function Account() {
  const { isSignedIn } = useAuth()
  return isSignedIn ? <SignedIn /> : <Text>Nobody</Text>
}

await drive({ 'sign-up': SignUp, 'sign-in': SignIn, 'legacy-sign-up': LegacySignUp, account: Account })
