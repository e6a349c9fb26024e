//go:build !amd64 || noasm

package kernel

func tanhSlope(dst, y []float32)    { tanhSlopeGeneric(dst, y) }
func tanhBend(dst, y []float32)     { tanhBendGeneric(dst, y) }
func sigmoidSlope(dst, y []float32) { sigmoidSlopeGeneric(dst, y) }
func sigmoidBend(dst, y []float32)  { sigmoidBendGeneric(dst, y) }
func erfSlope(dst, x []float32)     { erfSlopeGeneric(dst, x) }
func erfBend(dst, x []float32)      { erfBendGeneric(dst, x) }
