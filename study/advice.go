package study

// Advice answers what an engineer asks of one run: whether its learning rate is right, which batch its
// gradient noise supports, whether it trained long enough, and what to try next.
type Advice struct {
	Name    string   `json:"name"`
	Rate    string   `json:"rate"` // where its learning rate stands, in a few words
	Answers []Answer `json:"answers"`
	Try     []Try    `json:"try"`            // none: nothing that was measured speaks for another setting
	Note    string   `json:"note,omitempty"` // what the answers rest on
}

// An Answer is a question with what a run says to it, each number with its error.
type Answer struct {
	Question string   `json:"question"`
	Short    string   `json:"short"`
	Why      []string `json:"why"`
}

// A Try is a setting to train with next.
type Try struct {
	LR    float64 `json:"lr"`
	Batch int     `json:"batch"`
	Why   string  `json:"why"`
}
