// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// EnvBrowser names the variable that holds the path of a Chromium; without it
// the harness looks for one.
const EnvBrowser = "CHROMIUM"

// browser is the one Chromium of this process. Every tab has a profile of its
// own in it.
type browser struct {
	ctx   context.Context
	close func()
	err   error
}

var (
	launched = sync.OnceValue(launch)
	running  atomic.Pointer[browser]
)

// Chromium returns the path of the browser, or why there is none.
func Chromium() (string, error) {
	if path := os.Getenv(EnvBrowser); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Chromium found; install one, or name it in %s", EnvBrowser)
}

func launch() *browser {
	path, err := Chromium()
	if err != nil {
		return &browser{err: err}
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider"),
		chromedp.Flag("font-render-hinting", "none"),
	)
	allocator, closeAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	b := &browser{ctx: ctx, close: func() { closeBrowser(); closeAllocator() }}
	if b.err = chromedp.Do(ctx); b.err != nil {
		b.close()
		return b
	}
	running.Store(b)
	return b
}

// CloseBrowser ends the Chromium, if one was launched.
func CloseBrowser() {
	if b := running.Load(); b != nil {
		b.close()
	}
}

// NeedBrowser skips a test where there is no Chromium, and fails it where that
// is not allowed to happen.
func NeedBrowser(t testing.TB) {
	t.Helper()
	if b := launched(); b.err != nil {
		Skip(t, b.err.Error())
	}
}

// Skip leaves a test out and says why. In continuous integration, that is a
// failure.
func Skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("cannot run here: %s", why)
	}
	t.Skip(why)
}
