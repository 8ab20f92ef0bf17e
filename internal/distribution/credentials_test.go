package distribution

import (
	"context"
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// clean takes away everything that could name a configuration.
func clean(t *testing.T) {
	for _, name := range []string{"DOCKER_CONFIG", "DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "HOME"} {
		t.Setenv(name, "")
	}
}

// auth is a configuration with one entry; the user tells which it was.
func auth(key, user string) string {
	return `{"auths":{"` + key + `":{"auth":"` + base64.StdEncoding.EncodeToString([]byte(user+":hunter2")) + `"}}}`
}

func write(t *testing.T, file, content string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestConfigPlaces: which of all places count.
func TestConfigPlaces(t *testing.T) {
	const host = "registry.example.com"
	for name, test := range map[string]struct {
		files map[string]string // user by file
		env   map[string]string
		want  string
	}{
		"nothing":                            {nil, nil, ""},
		"home":                               {map[string]string{"home/.docker/config.json": "home"}, map[string]string{"HOME": "home"}, "home"},
		"docker's home before podman's":      {map[string]string{"home/.docker/config.json": "home", "home/.config/containers/auth.json": "podman"}, map[string]string{"HOME": "home"}, "home"},
		"podman's home":                      {map[string]string{"home/.config/containers/auth.json": "podman"}, map[string]string{"HOME": "home"}, "podman"},
		"podman's runtime":                   {map[string]string{"run/containers/auth.json": "run"}, map[string]string{"XDG_RUNTIME_DIR": "run"}, "run"},
		"podman's configuration":             {map[string]string{"xdg/containers/auth.json": "xdg"}, map[string]string{"XDG_CONFIG_HOME": "xdg"}, "xdg"},
		"DOCKER_CONFIG without HOME":         {map[string]string{"docker/config.json": "docker"}, map[string]string{"DOCKER_CONFIG": "docker"}, "docker"},
		"DOCKER_CONFIG before HOME":          {map[string]string{"docker/config.json": "docker", "home/.docker/config.json": "home"}, map[string]string{"DOCKER_CONFIG": "docker", "HOME": "home"}, "docker"},
		"DOCKER_CONFIG instead of HOME":      {map[string]string{"home/.docker/config.json": "home"}, map[string]string{"DOCKER_CONFIG": "docker", "HOME": "home"}, ""},
		"a mounted secret":                   {map[string]string{"docker/.dockerconfigjson": "secret"}, map[string]string{"DOCKER_CONFIG": "docker"}, "secret"},
		"config.json before secret":          {map[string]string{"docker/.dockerconfigjson": "secret", "docker/config.json": "docker"}, map[string]string{"DOCKER_CONFIG": "docker"}, "docker"},
		"REGISTRY_AUTH_FILE before HOME":     {map[string]string{"auth": "file", "home/.docker/config.json": "home"}, map[string]string{"REGISTRY_AUTH_FILE": "auth", "HOME": "home"}, "file"},
		"REGISTRY_AUTH_FILE is a secret":     {map[string]string{"s/.dockerconfigjson": "secret"}, map[string]string{"REGISTRY_AUTH_FILE": "s/.dockerconfigjson"}, "secret"},
		"REGISTRY_AUTH_FILE before DOCKER":   {map[string]string{"auth": "file", "docker/config.json": "docker"}, map[string]string{"REGISTRY_AUTH_FILE": "auth", "DOCKER_CONFIG": "docker"}, "file"},
		"REGISTRY_AUTH_FILE, then DOCKER":    {map[string]string{"auth": "", "docker/config.json": "docker"}, map[string]string{"REGISTRY_AUTH_FILE": "auth", "DOCKER_CONFIG": "docker"}, "docker"},
		"DOCKER_AUTH_CONFIG before the file": {map[string]string{"docker/config.json": "docker"}, map[string]string{"DOCKER_CONFIG": "docker", "DOCKER_AUTH_CONFIG": auth(host, "environment")}, "environment"},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			dir := t.TempDir()
			for file, user := range test.files {
				content := "\n"
				if user != "" {
					content = auth(host, user)
				}
				write(t, filepath.Join(dir, file), content, 0o600)
			}
			for key, value := range test.env {
				if key != "DOCKER_AUTH_CONFIG" {
					value = filepath.Join(dir, value)
				}
				t.Setenv(key, value)
			}
			got, err := (&keychain{}).find(t.Context(), host, path)
			if err != nil || got.auth.Username != test.want {
				t.Errorf("%q, %v, want %q", got.auth.Username, err, test.want)
			}
			if !strings.Contains(got.source, host) || strings.Contains(got.source, "hunter2") {
				t.Error(got.source)
			}
		})
	}
}

// TestConfigOfARepository: nothing that a repository can have said names credentials,
// or a program that hands them out: no file beside the models, and no variable of its own
// Application, whose name Argo CD begins with ARGOCD_ENV_.
func TestConfigOfARepository(t *testing.T) {
	const host = "registry.example.com"
	clean(t)
	dir := t.TempDir()
	t.Chdir(dir)
	evil := auth(host, "evil")
	for _, name := range []string{"config.json", ".docker/config.json", ".config/containers/auth.json", ".dockerconfigjson", "auth.json"} {
		write(t, filepath.Join(dir, name), evil, 0o600)
	}
	for name, value := range map[string]string{
		"DOCKER_CONFIG": dir, "REGISTRY_AUTH_FILE": filepath.Join(dir, "auth.json"), "DOCKER_AUTH_CONFIG": evil, "HOME": dir, "XDG_CONFIG_HOME": filepath.Join(dir, ".config"),
	} {
		t.Setenv("ARGOCD_ENV_"+name, value)
		t.Setenv("PARAM_"+name, value)
	}
	got, err := (&keychain{}).find(t.Context(), host, path)
	if err != nil || got.auth.Username != "" {
		t.Errorf("%q, %v", got.auth.Username, err)
	}
	t.Setenv("DOCKER_CONFIG", dir) // only the sidecar's own variables say where
	if got, err = (&keychain{}).find(t.Context(), host, path); err != nil || got.auth.Username != "evil" {
		t.Errorf("%q, %v: nothing could have been found above", got.auth.Username, err)
	}
}

// TestConfigIsBroken: the file is named, its content is not.
func TestConfigIsBroken(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ content, want string }{
		"no JSON":      {`{"auths":{"x":{"auth":"hunter2"`, "is no JSON at byte"},
		"no base64":    {`{"auths":{"x":{"auth":"hunter2!"}}}`, "is not of docker's form"},
		"no user":      {`{"auths":{"x":{"auth":"aHVudGVyMg=="}}}`, "is not of docker's form"},
		"another form": {`{"auths":["hunter2"]}`, "is not of docker's form"},
		"a number":     {`{"credsStore":12345678}`, "is not of docker's form"},
		"too long":     {strings.Repeat("hunter2", maxDockerConfig/7+1), "is longer than 1048576 bytes"},
		"directory":    {"", "is no regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			file := filepath.Join(dir, name)
			if test.content != "" {
				write(t, file, test.content, 0o600)
			}
			t.Setenv("REGISTRY_AUTH_FILE", file)
			f := serve(t, true)
			c, err := New([]Host{plain(f)})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Manifest(t.Context(), f.host+"/"+path, "v7")
			want(t, err, ErrUnavailable, "docker configuration "+file+": ", test.want)
			for _, secret := range []string{"hunter2", "aHVudGVyMg", "12345678"} {
				if strings.Contains(err.Error(), secret) {
					t.Error(err)
				}
			}
		})
	}
}

// TestConfigKeys: the most specific entry counts, and one for a repository is
// nobody else's.
func TestConfigKeys(t *testing.T) {
	entry := func(key string) string { return `"` + key + `":{"username":"` + key + `","password":"hunter2"}` }
	for name, test := range map[string]struct {
		keys             []string
		host, repository string
		want             string
	}{
		"host":              {[]string{"r.example.com"}, "r.example.com", "a/b", "r.example.com"},
		"repository":        {[]string{"r.example.com", "r.example.com/a/b"}, "r.example.com", "a/b", "r.example.com/a/b"},
		"parent":            {[]string{"r.example.com", "r.example.com/a"}, "r.example.com", "a/b", "r.example.com/a"},
		"other repository":  {[]string{"r.example.com/a/c", "r.example.com/a/b/c"}, "r.example.com", "a/b", ""},
		"prefix of a name":  {[]string{"r.example.com/a"}, "r.example.com", "ab", ""},
		"URL":               {[]string{"https://r.example.com"}, "r.example.com", "a/b", "https://r.example.com"},
		"old URL":           {[]string{"https://r.example.com/v1/"}, "r.example.com", "a/b", "https://r.example.com/v1/"},
		"host before URL":   {[]string{"https://r.example.com/v2/", "r.example.com"}, "r.example.com", "a/b", "r.example.com"},
		"other port":        {[]string{"r.example.com:5000"}, "r.example.com", "a/b", ""},
		"port":              {[]string{"r.example.com", "r.example.com:5000"}, "r.example.com:5000", "a/b", "r.example.com:5000"},
		"Hub":               {[]string{"https://index.docker.io/v1/"}, "index.docker.io", "library/a", "https://index.docker.io/v1/"},
		"Hub's short name":  {[]string{"docker.io"}, "index.docker.io", "library/a", "docker.io"},
		"another registry":  {[]string{"r.example.com"}, "s.example.com", "a/b", ""},
		"subdomain":         {[]string{"example.com", "x.r.example.com"}, "r.example.com", "a/b", ""},
		"host in user part": {[]string{"r.example.com@evil.example.com"}, "r.example.com", "a/b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			var entries []string
			for _, key := range test.keys {
				entries = append(entries, entry(key))
			}
			login(t, c, `{"auths":{`+strings.Join(entries, ",")+`}}`)
			got, err := c.keychain.find(t.Context(), test.host, test.repository)
			if err != nil || got.auth.Username != test.want {
				t.Errorf("%q, %v", got.auth.Username, err)
			}
		})
	}
}

// TestHelpers: only those that the configuration names are run, once for each
// host, and what they print stays out of errors.
func TestHelpers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the helpers are shell scripts")
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	script := func(name, body string) {
		write(t, filepath.Join(dir, "docker-credential-"+name), "#!/bin/sh\nread server || true\necho \"$0 $1 $server\" >>"+log+"\n"+body+"\n", 0o700)
	}
	script("good", `echo "{\"ServerURL\":\"$server\",\"Username\":\"$server\",\"Secret\":\"hunter2\"}"`)
	script("token", `echo '{"Username":"<token>","Secret":"hunter2"}'`)
	script("none", `echo 'credentials not found in native keychain'; exit 1`)
	script("bad", `echo 'hunter2'; echo hunter2 >&2; exit 3`)
	script("odd", `echo 'hunter2'`)
	script("endless", `while :; do echo hunter2hunter2hunter2hunter2hunter2hunter2hunter2; done`)
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	for name, test := range map[string]struct {
		config, host, user, token string
		want                      string
	}{
		"store":             {`{"credsStore":"good"}`, "r.example.com", "r.example.com", "", ""},
		"store for Hub":     {`{"credsStore":"good"}`, "index.docker.io", "https://index.docker.io/v1/", "", ""},
		"helper":            {`{"credHelpers":{"r.example.com":"good"},"credsStore":"bad"}`, "r.example.com", "r.example.com", "", ""},
		"repository":        {`{"credHelpers":{"r.example.com/a/b":"good"}}`, "r.example.com", "r.example.com/a/b", "", ""},
		"another's":         {`{"credHelpers":{"s.example.com":"bad"}}`, "r.example.com", "", "", ""},
		"token":             {`{"credsStore":"token"}`, "r.example.com", "", "hunter2", ""},
		"none":              {`{"credsStore":"none"}`, "r.example.com", "", "", ""},
		"none but an entry": {`{"credsStore":"none","auths":{"r.example.com":{"username":"file","password":"hunter2"}}}`, "r.example.com", "file", "", ""},
		"bad":               {`{"credsStore":"bad"}`, "r.example.com", "", "", "credentials for r.example.com: docker-credential-bad: exit status 3"},
		"odd":               {`{"credsStore":"odd"}`, "r.example.com", "", "", "docker-credential-odd: its answer is not of docker's form"},
		"endless":           {`{"credsStore":"endless"}`, "r.example.com", "", "", "docker-credential-endless: "},
		"missing":           {`{"credsStore":"missing"}`, "r.example.com", "", "", `"docker-credential-missing": executable file not found`},
		"a path":            {`{"credsStore":"../../bin/sh"}`, "r.example.com", "", "", "the credential helper's name is none"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			file := login(t, c, test.config)
			_ = os.Remove(log)
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					got, err := c.keychain.find(t.Context(), test.host, "a/b")
					if test.want != "" {
						want(t, err, nil, file, test.want)
						if err != nil && strings.Contains(err.Error(), "hunter2") {
							t.Error(err)
						}
					} else if err != nil || got.auth.Username != test.user || got.auth.IdentityToken != test.token {
						t.Errorf("%+v, %v", got.auth.Username, err)
					}
				})
			}
			all.Wait()
			ran, _ := os.ReadFile(log)
			if n := strings.Count(string(ran), "\n"); test.want == "" && n > 1 {
				t.Errorf("%d runs", n)
			}
		})
	}
}

// TestHelperHangs: it ends with the caller.
func TestHelperHangs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a shell script")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "docker-credential-hangs"), "#!/bin/sh\nexec sleep 600\n", 0o700)
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := runHelper(ctx, "hangs", "r.example.com")
	want(t, err, nil, "docker-credential-hangs: context canceled")
}

// TestBasic: credentials go to their registry, and are read once for each host.
func TestBasic(t *testing.T) {
	challenge := func(w http.ResponseWriter, req *http.Request) bool {
		if user, password, _ := req.BasicAuth(); user == "robot" && password == "hunter2" {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="models"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	ours, theirs := serve(t, true), serve(t, true)
	ours.always(challenge)
	theirs.always(func(w http.ResponseWriter, req *http.Request) bool {
		if req.Header.Get("Authorization") != "" {
			t.Error("a stranger got credentials")
		}
		return challenge(w, req)
	})
	c := newClient(t, plain(ours), plain(theirs))
	login(t, c, `{"auths":{"`+ours.host+`":{"username":"robot","password":"hunter2"}}}`)
	if _, err := c.Manifest(t.Context(), ours.host+"/"+path, "v7"); err != nil {
		t.Error(err)
	}
	_, err := c.Manifest(t.Context(), theirs.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "401 Unauthorized: no credentials for "+theirs.host, "docker login")
	c = newClient(t, plain(ours))
	file := login(t, c, `{"auths":{"`+ours.host+`":{"username":"robot","password":"hunter3"}}}`)
	_, err = c.Manifest(t.Context(), ours.host+"/"+path, "v7")
	want(t, err, ErrUnavailable, "401 Unauthorized: it did not accept the credentials for "+ours.host+" in "+file)
	if strings.Contains(err.Error(), "hunter3") {
		t.Error(err)
	}
	if n := ours.asked("/manifests/"); n != 2 {
		t.Errorf("%d requests: wrong basic credentials are not tried again", n)
	}
}
