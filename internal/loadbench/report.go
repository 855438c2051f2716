// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// reportLoad prints medians, and ratios taken round by round.
func reportLoad(samples map[string][]sample) {
	fmt.Printf("\n%-12s %10s %14s %20s %20s %7s\n", "variant", "req/s", "CPU us/req", "CPU to bare", "CPU to headers", "failed")
	for _, name := range []string{"bare", "headers", "gatelatch", programsApp, programsClient, programsTokens, programsSignIn} {
		of := samples[name]
		fmt.Printf("%-12s %10.0f %14.1f %20s %20s %7d\n", name,
			median(values(of, func(s sample) float64 { return s.perSecond })),
			median(values(of, func(s sample) float64 { return s.cpuMicros })),
			ratio(of, samples["bare"]), ratio(of, samples["headers"]), failures(of))
	}
}

func failures(of []sample) (n int64) {
	for _, s := range of {
		n += s.failed
	}
	return n
}

// ratio is the median of the ratios of each round, with the least and the most.
func ratio(of, to []sample) string {
	var r []float64
	for i := range of {
		r = append(r, of[i].cpuMicros/to[i].cpuMicros)
	}
	return fmt.Sprintf("%.3f (%.2f-%.2f)", median(r), slices.Min(r), slices.Max(r))
}

func values(of []sample, f func(sample) float64) []float64 {
	var v []float64
	for _, s := range of {
		v = append(v, f(s))
	}
	return v
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if len(v) == 0 {
		return 0
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// reportSize prints the size of the two binaries, and how long each takes from
// its start to the first answer. The gate starts on a database that exists.
func reportSize(plain, gate, dir, up string, starts int) error {
	body := fmt.Sprintf("\tgatelatch {\n\t\tstore sqlite %s/db\n\t\temail outbox %s/outbox\n\t}\n", dir, dir)
	fmt.Printf("\n%-10s %10s %18s %12s\n", "binary", "MB", "ms to first answer", "RSS MB")
	took := map[string][]float64{}
	rss := map[string][]float64{}
	for range starts {
		for name, bodyOf := range map[string]string{plain: "", gate: body} {
			begin := time.Now()
			s, err := start(dir, name, "start", bodyOf, up)
			if err != nil {
				return err
			}
			took[name] = append(took[name], float64(time.Since(begin).Microseconds())/1000)
			rss[name] = append(rss[name], float64(s.resident())/1e6)
			s.stop()
		}
	}
	for _, name := range []string{plain, gate} {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		fmt.Printf("%-10s %10.2f %18.1f %12.1f\n", filepath.Base(name), float64(info.Size())/1e6, median(took[name]), median(rss[name]))
	}
	return nil
}
