// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"github.com/gatelatch/gatelatch"
	"github.com/gatelatch/gatelatch/device"
)

func sessionsPage(t *tenant) (View, bool) { return page(PageAccountList, t.sessionList()), true }

func (t *tenant) session() (gatelatch.Session, bool) {
	for _, s := range t.Overview.Sessions {
		if s.ID == t.id {
			return s, true
		}
	}
	return gatelatch.Session{}, false
}

func endSessionPage(t *tenant) (View, bool) {
	s, ok := t.session()
	if !ok {
		return t.nowhere()
	}
	view := t.confirm(confirmSession, device.Name(s.UserAgent), "/account/sessions")
	view.Account.Facts, view.Account.Danger = sessionFacts(s), false
	return view, true
}

func endSession(t *tenant) result {
	if _, ok := t.session(); !ok {
		return result{refusal: notYours()}
	}
	r, err := t.Account.EndSession(t.ctx(), t.Actor, t.id)
	return after(r, err, "/account/sessions", NoticeSessionEnded)
}

func endOthersPage(t *tenant) (View, bool) {
	view := t.confirm(confirmOthers, "", "/account/sessions")
	view.Account.Danger = false
	return view, true
}

func endOthers(t *tenant) result {
	r, err := t.Account.EndOthers(t.ctx(), t.Actor)
	return after(r, err, "/account/sessions", NoticeOthersEnded)
}

func devicesPage(t *tenant) (View, bool) {
	if !t.devices() {
		return t.nowhere()
	}
	return page(PageAccountList, t.deviceList()), true
}

func (t *tenant) device() (gatelatch.ClientTrust, bool) {
	for _, d := range t.Devices {
		if d.ClientID == t.id && t.devices() {
			return d, true
		}
	}
	return gatelatch.ClientTrust{}, false
}

func revokePage(t *tenant) (View, bool) {
	d, ok := t.device()
	if !ok {
		return t.nowhere()
	}
	view := t.confirm(confirmDevice, device.Name(d.UserAgent), "/account/devices")
	view.Account.Facts, view.Account.Danger = deviceFacts(d), false
	return view, true
}

func revoke(t *tenant) result {
	if _, ok := t.device(); !ok {
		return result{refusal: notYours()}
	}
	r, err := t.Account.RevokeDevice(t.ctx(), t.Actor, t.id)
	return after(r, err, "/account/devices", NoticeDeviceRevoked)
}
