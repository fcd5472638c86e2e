// Oracle: what Prometheus 3.14 makes of OTLP requests. A line of JSON in, a line of JSON out.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/otlptranslator"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	prw "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

type request struct {
	Strategy    string   `json:"strategy"`
	Promote     []string `json:"promote"`
	PromoteAll  bool     `json:"promoteAll"`
	Ignore      []string `json:"ignore"`
	Keep        bool     `json:"keep"`
	Nhcb        bool     `json:"nhcb"`
	Scope       bool     `json:"scope"`
	Sanitize    bool     `json:"sanitize"`
	Preserve    bool     `json:"preserve"`
	Delta       bool     `json:"delta"`
	TypeAndUnit bool     `json:"typeAndUnit"`
	Body        string   `json:"body"`
}

type span struct {
	Offset int32
	Length uint32
}
type hist struct {
	Schema    int32       `json:"schema"`
	Hint      int         `json:"hint"`
	Zero      string      `json:"zero"`
	ZeroCount string      `json:"zeroCount"`
	Count     string      `json:"count"`
	Sum       string      `json:"sum"`
	Positive  [][2]string `json:"positive"`
	Negative  [][2]string `json:"negative"`
	Custom    []string    `json:"custom"`
}
type ex struct {
	Labels map[string]string `json:"labels"`
	V      string            `json:"v"`
	T      int64             `json:"t"`
}
type sample struct {
	Labels    [][2]string `json:"labels"`
	ST        int64       `json:"st"`
	T         int64       `json:"t"`
	V         string      `json:"v"`
	Hist      *hist       `json:"hist,omitempty"`
	Exemplars []ex        `json:"exemplars,omitempty"`
	Type      string      `json:"type"`
	Help      string      `json:"help"`
	Unit      string      `json:"unit"`
	Family    string      `json:"family"`
	Invalid   string      `json:"invalid,omitempty"`
}
type answer struct {
	Error   string   `json:"error,omitempty"`
	Samples []sample `json:"samples"`
}

func bits(f float64) string { return strconv.FormatUint(math.Float64bits(f), 16) }

type app struct{ samples []sample }

func (a *app) Commit() error   { return nil }
func (a *app) Rollback() error { return nil }
func (a *app) Append(_ storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, _ *histogram.FloatHistogram, o storage.AppendV2Options) (storage.SeriesRef, error) {
	s := sample{ST: st, T: t, V: bits(v), Type: string(o.Metadata.Type), Help: o.Metadata.Help, Unit: o.Metadata.Unit, Family: o.MetricFamilyName}
	ls.Range(func(l labels.Label) { s.Labels = append(s.Labels, [2]string{l.Name, l.Value}) })
	if d, ok := ls.HasDuplicateLabelNames(); ok {
		s.Invalid = "duplicate label " + d
	}
	for _, e := range o.Exemplars {
		s.Exemplars = append(s.Exemplars, ex{Labels: e.Labels.Map(), V: bits(e.Value), T: e.Ts})
	}
	if h != nil {
		if err := h.Validate(); err != nil {
			s.Invalid = err.Error()
		}
		hh := &hist{Schema: h.Schema, Hint: int(h.CounterResetHint), Zero: bits(h.ZeroThreshold), ZeroCount: fmt.Sprint(h.ZeroCount), Count: fmt.Sprint(h.Count), Sum: bits(h.Sum), Positive: buckets(h.PositiveSpans, h.PositiveBuckets), Negative: buckets(h.NegativeSpans, h.NegativeBuckets)}
		for _, c := range h.CustomValues {
			hh.Custom = append(hh.Custom, bits(c))
		}
		s.Hist = hh
	}
	a.samples = append(a.samples, s)
	return 1, nil
}

func buckets(spans []histogram.Span, deltas []int64) (out [][2]string) {
	var idx int32
	var count int64
	n := 0
	for _, s := range spans {
		idx += s.Offset
		for i := uint32(0); i < s.Length; i++ {
			count += deltas[n]
			n++
			if count != 0 {
				out = append(out, [2]string{fmt.Sprint(idx), fmt.Sprint(uint64(count))})
			}
			idx++
		}
	}
	return
}

func run(line []byte) (ans answer) {
	defer func() {
		if r := recover(); r != nil {
			ans.Error = fmt.Sprint("panic: ", r)
		}
	}()
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return answer{Error: "oracle: " + err.Error()}
	}
	body, err := base64.StdEncoding.DecodeString(q.Body)
	if err != nil {
		return answer{Error: "oracle: " + err.Error()}
	}
	r := pmetricotlp.NewExportRequest()
	if err := r.UnmarshalProto(body); err != nil {
		return answer{Error: "decode: " + err.Error()}
	}
	a := &app{}
	st := otlptranslator.TranslationStrategyOption(q.Strategy)
	c := prw.NewPrometheusConverter(a)
	cfg := config.OTLPConfig{PromoteResourceAttributes: q.Promote, PromoteAllResourceAttributes: q.PromoteAll, IgnoreResourceAttributes: q.Ignore}
	_, err = c.FromMetrics(context.Background(), r.Metrics(), prw.Settings{
		AddMetricSuffixes: st.ShouldAddSuffixes(), AllowUTF8: !st.ShouldEscape(),
		PromoteResourceAttributes:         prw.NewPromoteResourceAttributes(cfg),
		KeepIdentifyingResourceAttributes: q.Keep, ConvertHistogramsToNHCB: q.Nhcb, PromoteScopeMetadata: q.Scope,
		AllowDeltaTemporality: q.Delta, LookbackDelta: 5 * time.Minute, EnableTypeAndUnitLabels: q.TypeAndUnit,
		LabelNameUnderscoreSanitization: q.Sanitize, LabelNamePreserveMultipleUnderscores: q.Preserve,
	})
	ans.Samples = a.samples
	if err != nil {
		ans.Error = err.Error()
	}
	return
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<28)
	out := bufio.NewWriter(os.Stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for in.Scan() {
		_ = enc.Encode(run(in.Bytes()))
	}
	out.Flush()
}
