package tableau

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"vitrine/internal/parallel"
	"vitrine/internal/tableau/rest"
)

// followersAnswer has the numbers of followers of metrics.
type followersAnswer struct {
	rest.Envelope
	Counts []*followerCount `json:"follower_counts" xml:"-"`
}

type followerCount struct {
	MetricLUID LUID `json:"metric_id"`
	Count      Int  `json:"follower_count"`
}

// FollowerCount is how many people follow the metric: one call for up to 100 metrics that were read
// together. GET /api/-/pulse/subscriptions:batchGetMetricFollowerCounts.
func (m *PulseMetric) FollowerCount(ctx context.Context) (Int, error) {
	counts, err := once(ctx, m.batch, "followers", func() (map[LUID]Int, error) {
		var ids []LUID
		for _, sibling := range batchItems(m.batch, m) {
			ids = append(ids, sibling.LUID)
		}
		return m.s.followerCounts(ctx, ids)
	})
	return counts[m.LUID], err
}

func (s *Session) followerCounts(ctx context.Context, ids []LUID) (map[LUID]Int, error) {
	chunks := slices.Collect(slices.Chunk(ids, maxPulsePage))
	answers := make([]*followersAnswer, len(chunks))
	err := parallel.Run(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		r := rest.SiteRead{
			Template: "-/pulse/subscriptions:batchGetMetricFollowerCounts", Query: url.Values{"metric_ids": {strings.Join(texts(chunks[i]), ",")}},
		}
		answers[i], err = get(ctx, s, r, func(*followersAnswer) {})
		return err
	})
	if err != nil {
		return nil, err
	}
	counts := map[LUID]Int{}
	for _, a := range answers {
		for _, c := range a.Counts {
			counts[c.MetricLUID] = c.Count
		}
	}
	return counts, nil
}

// PulseSubscription says who follows a metric: a user, or a group for its members.
type PulseSubscription struct {
	node
	LUID       LUID `json:"id"`
	MetricLUID LUID `json:"metric_id"`
	Follower   struct {
		UserLUID  LUID `json:"user_id"`
		GroupLUID LUID `json:"group_id"`
	} `json:"follower"`
	CreatedAt Time `json:"create_time"`
	UpdatedAt Time `json:"update_time"`

	user  *User
	group *Group
}

func (p *PulseSubscription) luid() LUID { return p.LUID }

func (p *PulseSubscription) bind(s *Session) {
	p.s = s
	if id := p.Follower.UserLUID; id != "" {
		p.user = &User{LUID: id}
		p.user.bind(s)
	}
	if id := p.Follower.GroupLUID; id != "" {
		p.group = &Group{LUID: id}
		p.group.bind(s)
	}
}

// IsNode marks a PulseSubscription as something with a global id.
func (*PulseSubscription) IsNode() {}

// ID is the global id.
func (p *PulseSubscription) ID() string {
	return GlobalID(KindPulseSubscription, p.s.ContentURL(), string(p.LUID))
}

type pulseSubscriptionsAnswer struct {
	rest.Envelope
	Items     []*PulseSubscription `json:"subscriptions" xml:"-"`
	NextToken Text                 `json:"next_page_token" xml:"-"`
}

type pulseSubscriptionAnswer struct {
	rest.Envelope
	Subscription *PulseSubscription `json:"subscription" xml:"-"`
}

// noPulseSubscriptions is the code of a list that is empty.
const noPulseSubscriptions = "400976"

// PulseSubscriptions reads a range of the subscriptions of the user, with those of their groups. The
// user is always named: whose subscriptions are listed otherwise is not documented. GET
// /api/-/pulse/subscriptions, Tableau Cloud from API 3.21.
func (s *Session) PulseSubscriptions(ctx context.Context, q ListQuery[PulseSubscription], offset, first int) (*Page[PulseSubscription], error) {
	me, err := s.UserLUID(ctx)
	if err != nil {
		return nil, err
	}
	q.Extra = url.Values{"user_id": {string(me)}}
	return readPaged[PulseSubscription, *PulseSubscription](ctx, s, func(values url.Values) pager[PulseSubscription] {
		return tokenPager[PulseSubscription, *PulseSubscription]{func(ctx context.Context, token string, _ int) (tokenPage[PulseSubscription], error) {
			// The answer has no total: one large page is mostly the whole list.
			r := rest.SiteRead{Template: "-/pulse/subscriptions", Query: pulseQuery(values, token, maxPageSize)}
			a, err := get(ctx, s, r, func(a *pulseSubscriptionsAnswer) { bindAll(s, &a.Items) })
			if HasCode(err, noPulseSubscriptions) {
				return tokenPage[PulseSubscription]{}, nil
			}
			if err != nil {
				return tokenPage[PulseSubscription]{}, err
			}
			return tokenPage[PulseSubscription]{items: a.Items, next: string(a.NextToken)}, nil
		}}
	}, q, offset, first)
}

// PulseSubscription reads one subscription. GET /api/-/pulse/subscriptions/{id}.
func (s *Session) PulseSubscription(ctx context.Context, id LUID) (*PulseSubscription, error) {
	r := rest.SiteRead{Template: "-/pulse/subscriptions/{id}", Values: []string{string(id)}}
	a, err := get(ctx, s, r, func(a *pulseSubscriptionAnswer) { bindOne(s, &a.Subscription) })
	if err != nil {
		return nil, err
	}
	return one(a.Subscription, "GET "+r.Template)
}

// Metric is the metric that is followed: one call for all subscriptions that were read together. Nil
// where the user may not see it.
func (p *PulseSubscription) Metric(ctx context.Context) (*PulseMetric, error) {
	all, err := once(ctx, p.batch, "pulse metrics", func() (map[LUID]*PulseMetric, error) {
		var ids []LUID
		for _, sibling := range batchItems(p.batch, p) {
			if sibling.MetricLUID != "" {
				ids = append(ids, sibling.MetricLUID)
			}
		}
		return p.s.pulseMetricsByLUID(ctx, ids)
	})
	all, err = deniedIsEmpty(all, err)
	return all[p.MetricLUID], err
}

// UserListed returns the user who follows the metric, as the subscription has them.
func (p *PulseSubscription) UserListed() *User { return p.user }

// User is the user who follows the metric; as Workbook.ReadOwner.
func (p *PulseSubscription) User(ctx context.Context, enough func(*User) bool) (*User, error) {
	return userOf(ctx, p.node, p, "followers", (*PulseSubscription).UserListed, enough)
}

// Group is the group that follows the metric, as the subscription has it if its id is enough or if
// the user may not list groups.
func (p *PulseSubscription) Group(ctx context.Context, referenceWillDo bool) (*Group, error) {
	if p.group == nil || referenceWillDo {
		return p.group, nil
	}
	all, err := p.s.groupsByLUID(ctx)
	all, err = deniedIsEmpty(all, err)
	if g := all[p.group.LUID]; g != nil || err != nil {
		return g, err
	}
	return p.group, nil
}
