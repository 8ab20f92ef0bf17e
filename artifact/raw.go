package artifact

import (
	"fmt"
	"strings"

	"github.com/modelfn/modelfn/internal/pattern"
)

// annotationUnpack marks a layer that oras unpacks: a folder that was pushed.
const annotationUnpack = "io.deis.oras.content.unpack"

// rawLayer are the media types under which ModelKits and ModelPacks store a file
// as it is, neither archived nor compressed; kit writes it to the path in its
// annotation, whatever the Kitfile says.
var rawLayer = pattern.New(`^application/vnd\.(kitops\.modelkit\.(model|modelpart|code|dataset|docs|mcpb)|cncf\.model\.(weight|weight\.config|code|dataset|doc))\.v1\.raw$`)

// RawFiles are the files of an artifact each of whose layers is one file, byte
// for byte: the layer's digest is the file's. The error names the first layer
// that is anything else: which files that holds, only pulling it would tell.
func (a Artifact) RawFiles() ([]File, error) {
	if a.kind == Index {
		return nil, fmt.Errorf("it is a list of images, whose layers are archives")
	}
	m, err := parseManifest(a.content.manifest)
	if err != nil {
		return nil, err
	}
	for i, l := range m.Layers {
		path := l.Annotations[a.pathAnnotation()]
		switch {
		case !a.raw(l):
			return nil, fmt.Errorf("layers[%d] (%q, %s) is an archive", i, path, l.MediaType)
		case path == "":
			return nil, fmt.Errorf("layers[%d] (%s) names no file", i, l.MediaType)
		}
	}
	return m.files(a.pathAnnotation()), nil
}

// pathAnnotation is by which a layer names its file.
func (a Artifact) pathAnnotation() string {
	if a.kind == Generic {
		return annotationTitle
	}
	return annotationPath
}

// raw tells whether a layer is a file as it is. Of a generic artifact the media
// type says little, since oras gives files a tar's unless told: there it is what
// no client unpacks.
func (a Artifact) raw(l descriptor) bool {
	if a.kind != Generic {
		return rawLayer.MatchString(l.MediaType)
	}
	_, unpacked := l.Annotations[annotationUnpack]
	return !unpacked && !strings.HasSuffix(l.MediaType, "+gzip") && !strings.HasSuffix(l.MediaType, "+zstd")
}
