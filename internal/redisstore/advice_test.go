package redisstore

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"vitrine/internal/tableau"
)

// fakeRedis answers each plain command with what is given for its name, and hangs up on clients
// that ask for RESP3, as Redis seems to do to the library when the password is wrong.
func fakeRedis(t *testing.T, answers map[string]string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answerRedis(c, answers)
		}
	}()
	return "redis://" + l.Addr().String()
}

func answerRedis(c net.Conn, answers map[string]string) {
	defer func() { _ = c.Close() }()
	in := bufio.NewScanner(c)
	for in.Scan() {
		switch word := strings.ToUpper(in.Text()); word {
		case "HELLO":
			return
		case "AUTH", "PING":
			if _, err := io.WriteString(c, answers[word]+"\r\n"); err != nil {
				return
			}
		}
	}
}

// TestRedisSaysWhyItHangsUp holds that what Redis has against the user is said where the library
// only knows that the connection ended, by check and in the log of serve, and that the password is
// in neither.
func TestRedisSaysWhyItHangsUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers map[string]string
		want    []string
	}{
		"a wrong password": {
			map[string]string{"AUTH": "-WRONGPASS invalid username-password pair or user is disabled."},
			[]string{"WRONGPASS", "sharedStore.passwordFile"},
		},
		"no right to anything": {
			map[string]string{"AUTH": "+OK", "PING": "-NOPERM this user has no permissions to run the 'ping' command"},
			[]string{"NOPERM", "sharedStore.username"},
		},
		"no password is wanted": {
			map[string]string{"AUTH": "-ERR AUTH <password> called without any password configured for the default user."},
			[]string{"without any password configured", "sharedStore.passwordFile"},
		},
		"it starts": {
			map[string]string{"AUTH": "+OK", "PING": "-LOADING Redis is loading the dataset in memory"}, []string{"LOADING", "wait until Redis has started"},
		},
		"it hangs up on everybody alike": {
			map[string]string{"AUTH": "+OK", "PING": "+PONG"}, []string{"the connection was closed", "sharedStore.redis"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared := Config{
				Address: fakeRedis(t, c.answers), Username: "vitrine", Password: tableau.NewSecret("hunter2-of-redis"),
			}
			_, err := shared.Check(t.Context(), "p:", "p:x", []byte("check"), "")
			logged := make(chan string, 10)
			store, newErr := New(shared, []string{"p:"}, slog.New(slog.NewTextHandler(lineWriter(logged), nil)), func([]string) {})
			if newErr != nil {
				t.Fatal(newErr)
			}
			line := <-logged
			store.Close()
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(line, want) {
					t.Errorf("check: %v\nlog: %s\nwant %q", err, line, want)
				}
			}
			if strings.Contains(line, "hunter2") || err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password is shown: %v\n%s", err, line)
			}
		})
	}
}

// lineWriter sends what is written.
type lineWriter chan<- string

func (w lineWriter) Write(p []byte) (int, error) {
	select {
	case w <- string(p):
	default:
	}
	return len(p), nil
}

func TestRedisThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "redis://" + l.Addr().String()
	_ = l.Close()
	shared := Config{Address: address}
	if _, err := shared.Check(context.Background(), "p:", "p:x", nil, ""); err == nil || !strings.Contains(err.Error(), address+": nothing accepts connections there; check host and port in sharedStore.redis") {
		t.Error(err)
	}
}
