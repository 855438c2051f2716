// SPDX-License-Identifier: Apache-2.0

// Package device words what a browser says of itself. It never decides
// anything: the header is the visitor's to write.
package device

import (
	"strings"

	"github.com/mileusna/useragent"
)

// Unknown is what nothing is known of.
const Unknown = "Unknown device"

// maxStored bounds a header for storage, in bytes.
const maxStored = 300

// Name words a User-Agent header, such as "Chrome on Windows". What it does not
// know is "Unknown device". Every word is one of ours: the name stands in mails
// to somebody else, where a stranger must not be able to write.
func Name(userAgent string) string {
	ua := useragent.Parse(Cut(userAgent))
	program, os := programs[ua.Name], system(ua)
	switch {
	case program == "" && os == "":
		return Unknown
	case program == "":
		return "Unknown browser on " + os
	case os == "":
		return program
	}
	return program + " on " + os
}

// Cut bounds a User-Agent header for storage: 300 bytes of printable ASCII.
// Anything else in it becomes a question mark.
func Cut(userAgent string) string {
	if len(userAgent) > maxStored {
		userAgent = userAgent[:maxStored]
	}
	b := []byte(userAgent)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return strings.TrimSpace(string(b))
}

// system names the operating system, or the device where people call it by
// that.
func system(ua useragent.UserAgent) string {
	if ua.OS == useragent.IOS {
		return ua.Device // "iPhone" or "iPad"
	}
	return systems[ua.OS]
}

var systems = map[string]string{
	useragent.Windows: "Windows", useragent.WindowsPhone: "Windows Phone", useragent.MacOS: "Mac",
	useragent.Android: "Android", useragent.Linux: "Linux", useragent.FreeBSD: "FreeBSD",
	useragent.ChromeOS: "ChromeOS", useragent.BlackBerry: "BlackBerry", useragent.Harmony: "HarmonyOS",
}

// programs are the names that are shown, by those that the library finds.
var programs = map[string]string{
	useragent.Chrome: "Chrome", useragent.HeadlessChrome: "Chrome", useragent.Firefox: "Firefox",
	useragent.Safari: "Safari", useragent.Edge: "Edge", useragent.Opera: "Opera", useragent.OperaMini: "Opera Mini",
	useragent.OperaTouch: "Opera", useragent.Vivaldi: "Vivaldi", useragent.InternetExplorer: "Internet Explorer",
	useragent.SamsungBrowser: "Samsung Internet", "Huawei Browser": "Huawei Browser", "Miui Browser": "Mi Browser",
	"Android browser": "Android browser", useragent.FacebookApp: "Facebook app", useragent.InstagramApp: "Instagram app",
	useragent.TiktokApp: "TikTok app", "YaBrowser": "Yandex Browser", "DuckDuckGo": "DuckDuckGo", "Ddg": "DuckDuckGo",
	"Brave": "Brave", "UCBrowser": "UC Browser", "Electron": "Electron",
	"curl": "curl", "Wget": "Wget", "HTTPie": "HTTPie", "PostmanRuntime": "Postman", "insomnia": "Insomnia",
	"python-requests": "Python", "Python-urllib": "Python", "aiohttp": "Python", "Go-http-client": "Go", "okhttp": "Android app",
	"Dart": "Dart", "node": "Node.js", "axios": "Node.js", "CFNetwork": "Apple app", "Dalvik": "Android app",
}
