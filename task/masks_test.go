package task

import (
	"slices"
	"testing"

	"breakeven/nn"
)

// A mask is an input of the network if it has holes, or if the network reads it for another reason.
func TestMasks(t *testing.T) {
	tokens := make([]int32, 14)
	for i := range tokens {
		tokens[i] = int32(i)
	}
	behind, before := []int32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, []int32{1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1}
	pairs := make([]int32, 2*7*7)
	for i := range pairs {
		if i/7%7 >= i%7 && i%7 != 3 {
			pairs[i] = 1
		}
	}
	ones := func(n int) []int32 { return slices.Repeat([]int32{1}, n) }
	for _, c := range []struct {
		name, model string
		mask        []int32 // of the training examples
		test        []int32 // of those for the test
		shape       []int
		want        []int32 // the last input; nil: lengths
	}{
		{"padding", classifier, behind, behind, []int{2, 7}, nil},
		{"padding first", classifier, before, behind, []int{2, 7}, before},
		{"padding first in the test", classifier, behind, before, []int{2, 7}, behind},
		{"a mean over padding", averaged, behind, behind, []int{2, 7}, behind},
		{"a mean", averaged, nil, before, []int{2, 7}, ones(14)},
		{"no pairs", packed, nil, nil, []int{2, 7}, ones(98)},
		{"pairs", packed, pairs, pairs, []int{2, 7, 7}, pairs},
		{"pairs with an axis of heads", packed, pairs, nil, []int{2, 1, 7, 7}, pairs},
	} {
		t.Run(c.name, func(t *testing.T) {
			arrays := []any{"input_ids", []int{2, 7}, tokens, "input_ids_test", []int{2, 7}, tokens, "labels", []int{2}, []int32{4, 0}, "labels_test", []int{2}, []int32{1, 0}}
			loss := "cross-entropy"
			if c.model == packed {
				arrays, loss = arrays[:6], nextToken
			}
			if c.model == classifier {
				arrays = append(arrays, "token_type_ids", []int{2, 7}, make([]int32, 14), "token_type_ids_test", []int{2, 7}, make([]int32, 14))
			}
			if c.mask != nil {
				arrays = append(arrays, "attention_mask", c.shape, c.mask)
			}
			if c.test != nil {
				arrays = append(arrays, "attention_mask_test", c.shape, c.test)
			}
			tk, err := Open(own(writeArrays(t, arrays...), c.model, loss, nil), "")
			if err != nil {
				t.Fatal(err)
			}
			train, err := tk.Train.Read([]int{0, 1}, never)
			if err != nil {
				t.Fatal(err)
			}
			test, err := tk.Test.Read([]int{1}, never)
			if err != nil || len(test.In) != len(train.In) {
				t.Fatalf("%d inputs for the test, %d for training; %v", len(test.In), len(train.In), err)
			}
			last := train.In[len(train.In)-1]
			if c.want == nil {
				if want := []int32{7, 3}; !slices.Equal(train.In[0].Steps, want) || !slices.Equal(last.Steps, want) || last.F != nil {
					t.Errorf("the inputs are %+v, want the lengths %v", train.In, want)
				}
				return
			}
			if got := whole(last); !slices.Equal(got, c.want) || train.In[0].Steps != nil {
				t.Errorf("the last input is %v, and the lengths are %v; want %v", got, train.In[0].Steps, c.want)
			}
			if c.test != nil && !slices.Equal(whole(test.In[len(test.In)-1]), c.test[len(c.test)/2:]) {
				t.Errorf("the last input of the test is %v, want that of %v", test.In[len(test.In)-1].F, c.test)
			}
		})
	}
}

// whole returns the numbers of an input as integers.
func whole(v nn.Values) (x []int32) {
	for _, f := range v.F {
		x = append(x, int32(f))
	}
	return x
}
