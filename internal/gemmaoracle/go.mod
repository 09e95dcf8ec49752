module github.com/keeprouter/keeprouter-go/internal/gemmaoracle

go 1.26.0

require (
	github.com/eliben/go-sentencepiece v0.7.0
	github.com/google/go-cmp v0.7.0
	github.com/keeprouter/keeprouter-go v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/tmaxmax/go-sse v0.12.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	google.golang.org/protobuf v1.34.2 // indirect
)

replace github.com/keeprouter/keeprouter-go => ../..
