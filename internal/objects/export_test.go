package objects

// AtOnce keeps so many bytes of objects of unknown length, until the function that it returns is called.
func AtOnce(n int64) func() {
	before := atOnce
	atOnce = n
	return func() { atOnce = before }
}
