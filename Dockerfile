# The static binary in an empty image; TLS roots are linked into it. The context
# is bin/image, which `make image` fills: nothing is downloaded while it builds.
FROM scratch
# kustomize runs functions with --user nobody, which needs an entry here.
COPY passwd /etc/passwd
COPY modelfn /usr/local/bin/modelfn
# Builds of kustomizations need a writable directory.
COPY --chown=65534:65534 tmp /tmp
USER 65534:65534
ENTRYPOINT ["/usr/local/bin/modelfn"]
