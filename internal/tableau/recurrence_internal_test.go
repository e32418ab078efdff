package tableau

import "testing"

func TestTimesOfDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"06:30:00": "06:30:00", "06:30": "06:30:00", "06:30:00.000": "06:30:00", "06:30:00,5": "06:30:00",
		"24:00": "24:00:00", "24:00:00": "24:00:00", "24:00:00.0": "24:00:00", "24:00:00,000": "24:00:00",
		"24:00:01": "", "24:00:00.1": "", "24:01": "", "25:00": "", "": "", "noon": "",
	} {
		if got, _ := timeOfDay(text); got != want {
			t.Errorf("timeOfDay(%q) = %q, want %q", text, got, want)
		}
	}
}
