package run

// Nearest returns the choice with the smallest edit distance to word, and
// whether it is near enough to be what was meant: at most one edit for every
// three letters, and always one.
func Nearest(word string, choices []string) (string, bool) {
	best, distance := "", max(1, len([]rune(word))/3)+1
	for _, c := range choices {
		if d := editDistance(word, c); d < distance {
			best, distance = c, d
		}
	}
	return best, best != ""
}

// editDistance returns how many letters must be inserted, removed or replaced
// to turn a into b (Wagner and Fischer 1974).
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, f := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, t := range to {
			replace := diagonal
			if f != t {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
