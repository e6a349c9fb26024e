//go:build (!amd64 && !arm64) || noasm

package kernel

func eluDeriv(dst, y []float32)      { eluDerivGeneric(dst, y) }
func eluDeriv2(dst, y []float32)     { eluDeriv2Generic(dst, y) }
func tanhDeriv(dst, y []float32)     { tanhDerivGeneric(dst, y) }
func tanhDeriv2(dst, y []float32)    { tanhDeriv2Generic(dst, y) }
func sigmoidDeriv(dst, y []float32)  { sigmoidDerivGeneric(dst, y) }
func sigmoidDeriv2(dst, y []float32) { sigmoidDeriv2Generic(dst, y) }
func erfDeriv(dst, x []float32)      { erfDerivGeneric(dst, x) }
func erfDeriv2(dst, x []float32)     { erfDeriv2Generic(dst, x) }
