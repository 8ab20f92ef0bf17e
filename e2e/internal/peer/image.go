package peer

// Image builds the container image from this repository as people do, and returns
// its OCI layout; beside it, with .tar at the end, is what engines load.
func Image() (string, error) {
	return builds.do("image", buildImage)
}

func buildImage() (string, error) {
	return fromCheckout("image", func(path string) error { return inCheckout(nil, "make", "image", "IMAGE_LAYOUT="+path) })
}
