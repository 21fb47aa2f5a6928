"""One file per noun: parse the words, call a room, render the answer; decide nothing."""
