// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/cdproto/page"
)

// EnvPictures names the variable that holds a directory for screenshots.
const EnvPictures = "E2E_SCREENSHOTS"

// Picture writes a screenshot of the whole page into the directory of
// [EnvPictures], if there is one.
func (tab *Tab) Picture(name string) {
	tab.T.Helper()
	dir := os.Getenv(EnvPictures)
	if dir == "" {
		return
	}
	tab.write(filepath.Join(dir, name+".png"), tab.capture(nil))
}

// Crop is a part of a page in CSS pixels.
type Crop struct{ X, Y, Width, Height float64 }

// PictureOf writes a part of the page, as a PNG packed as small as it gets.
func (tab *Tab) PictureOf(path string, c Crop) {
	tab.T.Helper()
	raw := tab.capture(&page.Viewport{X: c.X, Y: c.Y, Width: c.Width, Height: c.Height, Scale: 1})
	small, err := pack(raw)
	if err != nil {
		tab.T.Fatal(err)
	}
	tab.write(path, small)
}

func (tab *Tab) capture(clip *page.Viewport) []byte {
	tab.T.Helper()
	beyond := true
	if clip == nil {
		var size struct{ W, H float64 }
		tab.EvalInto(`{W: document.documentElement.clientWidth, H: Math.max(innerHeight, document.documentElement.scrollHeight)}`, &size)
		clip = &page.Viewport{Width: size.W, Height: size.H, Scale: 1}
	}
	return call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: clip, CaptureBeyondViewport: &beyond}).Data
}

func (tab *Tab) write(path string, data []byte) {
	tab.T.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tab.T.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		tab.T.Fatal(err)
	}
}

// pack writes a screenshot with the 256 colours that it uses most; pages have
// few colours, and what is left out are steps between two of them.
func pack(raw []byte) ([]byte, error) {
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	few := image.NewPaletted(b, popular(img))
	draw.Draw(few, b, img, b.Min, draw.Src) // without dithering: nearest colour
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few)
	return out.Bytes(), err
}

func popular(img image.Image) color.Palette {
	uses := map[color.RGBA]int{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			uses[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	all := slices.SortedFunc(maps.Keys(uses), func(a, b color.RGBA) int {
		return cmp.Or(uses[b]-uses[a], cmp.Compare(rgb(a), rgb(b)))
	})
	var p color.Palette
	for _, c := range all[:min(len(all), 256)] {
		p = append(p, c)
	}
	return p
}

func rgb(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
