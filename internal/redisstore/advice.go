package redisstore

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"vitrine/internal/dialerr"
)

// server names Redis in messages.
func (c Config) server() dialerr.Server {
	return dialerr.At(c.Address, "sharedStore.redis", "sharedStore.caFile")
}

// advise adds to an error of Redis what to do about it. If the connection just ended, as it does
// when the password is wrong and the library pipelines several commands, Redis is asked again with
// plain commands why it refuses the user.
func (c Config) advise(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "is closing") {
		if refused := c.greet(ctx); refused != nil {
			err = refused
		}
	}
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "NOAUTH"):
		return fmt.Errorf("%w: name the user as sharedStore.username, where it is not the default user, and the password as sharedStore.passwordFile", err)
	case strings.HasPrefix(text, "WRONGPASS"), strings.Contains(text, "invalid password"), strings.Contains(text, "without any password configured"):
		return fmt.Errorf("%w: compare sharedStore.username and sharedStore.passwordFile with the users of Redis (ACL LIST)", err)
	case strings.Contains(text, "NOPERM"):
		return fmt.Errorf("%w: give the user of sharedStore.username the keys vitrine:* and the commands that the page on several replicas lists", err)
	case strings.Contains(text, "MOVED"), strings.Contains(text, "CROSSSLOT"):
		return fmt.Errorf("%w: a cluster cannot be used, set sharedStore.redis to one Redis", err)
	case strings.Contains(text, "DB index is out of range"):
		return fmt.Errorf("%w: correct the number behind the address in sharedStore.redis", err)
	case strings.Contains(text, "unknown command"):
		return fmt.Errorf("%w: Redis 7 or later is needed, without a proxy in between", err)
	case strings.HasPrefix(text, "LOADING"), strings.HasPrefix(text, "MASTERDOWN"), strings.HasPrefix(text, "READONLY"):
		return fmt.Errorf("%w: wait until Redis has started, or set sharedStore.redis to the primary", err)
	}
	return c.server().Explain(err)
}

// greetTime bounds how long Redis may take to report why it refuses the user.
const greetTime = 2 * time.Second

// greet connects, authenticates and pings with one plain command each, and returns the first
// refusal, nil, or an error of the connection. The password is in neither.
func (c Config) greet(ctx context.Context) error {
	option, err := c.options()
	if err != nil {
		return nil //nolint:nilerr // the caller has a better one
	}
	ctx, cancel := context.WithTimeout(ctx, greetTime)
	defer cancel()
	conn, err := option.Dialer.DialContext(ctx, "tcp", option.InitAddress[0])
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if option.TLSConfig != nil {
		secure := tls.Client(conn, option.TLSConfig)
		if err := secure.HandshakeContext(ctx); err != nil {
			return err
		}
		conn = secure
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	var commands [][]string
	switch {
	case option.Username != "":
		commands = append(commands, []string{"AUTH", option.Username, option.Password})
	case option.Password != "":
		commands = append(commands, []string{"AUTH", option.Password})
	}
	return ask(conn, append(commands, []string{"PING"}))
}

// ask sends commands one by one, as RESP2 arrays of bulk strings, and returns the first error that
// Redis answers.
func ask(conn net.Conn, commands [][]string) error {
	in := bufio.NewReader(io.LimitReader(conn, 4<<10))
	for _, command := range commands {
		var b strings.Builder
		fmt.Fprintf(&b, "*%d\r\n", len(command))
		for _, part := range command {
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(part), part)
		}
		if _, err := io.WriteString(conn, b.String()); err != nil {
			return err
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		if refused, ok := strings.CutPrefix(strings.TrimSpace(line), "-"); ok {
			return errors.New(refused)
		}
	}
	return nil
}
