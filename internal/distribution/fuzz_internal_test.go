package distribution

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
)

// FuzzDockerConfig: a configuration that is none is said so, without a word of it: it
// is secret. What is one has its hosts by name.
func FuzzDockerConfig(f *testing.F) {
	const secret = "c2VjcmV0OnNlY3JldA=="
	for _, text := range []string{
		`{"auths":{"https://registry.example.com/v1/":{"auth":"` + secret + `"},"registry.example.com":{"username":"a","password":"b"}}}`,
		`{"credHelpers":{"a.example":"x"},"credsStore":"y"}`, `{"auths":{"":{},"/":{},"https://":null}}`, `{"auths":[]}`, `{"auths":{"a":{"auth":1}}}`, "", "\x00", `{"auths":{"a":{"auth":"` + secret,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		config, err := parseConfig("config.json", raw)
		if err != nil {
			if config != nil || len(err.Error()) > 200 || strings.ContainsFunc(err.Error(), unicode.IsControl) || strings.Contains(err.Error(), secret) {
				t.Errorf("%v", err)
			}
			return
		}
		for host := range config.auths {
			if strings.HasPrefix(host, "https://") && !strings.Contains(string(raw), "https://https://") {
				t.Errorf("%q is no host", host)
			}
		}
		if len(config.auths) > len(config.Auths) || len(config.helpers) > len(config.CredHelpers) {
			t.Error("entries of nothing")
		}
	})
}

// FuzzRefusal takes any bytes for a registry's answer with an error: what is said of it
// is short, and nothing that a terminal would act on, or a secret it may hold.
func FuzzRefusal(f *testing.F) {
	for _, text := range []string{
		`{"errors":[{"code":"UNAUTHORIZED","message":"a","detail":{"b":1}}]}`, `{"errors":[null,{"code":1}]}`, `{"errors":{}}`, "<html>", "", `{"errors":[{"code":"\u001b[31m::error::"}]}`,
		`{"errors":[` + strings.TrimSuffix(strings.Repeat(`{"code":"A"},`, 100), ",") + `]}`,
	} {
		f.Add(401, []byte(text))
		f.Add(429, []byte(text))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 300 || status > 599 {
			return
		}
		recorder := httptest.NewRecorder()
		recorder.Code = status
		recorder.Body.Write(body)
		resp := recorder.Result()
		resp.Request = httptest.NewRequest(http.MethodGet, "https://registry.example.com/v2/a/manifests/b?token=s3cr3t", nil)
		said := (&trip{registry: &registry{key: "registry.example.com", scheme: "https"}, subject: "a"}).refusal(resp).Error()
		if len(said) > 2000 || strings.ContainsFunc(said, unicode.IsControl) || strings.Contains(said, "s3cr3t") {
			t.Errorf("%q", said)
		}
	})
}
