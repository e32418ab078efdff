package tableau

import (
	"context"

	"vitrine/internal/tableau/rest"
)

// BridgeClient is a machine that reaches data behind a firewall.
type BridgeClient struct {
	node
	LUID     LUID
	Name     Text
	Status   Text
	Version  Text
	PoolLUID LUID
	Other    []*rest.NamedValue
}

// ID is an id for client caches.
func (b *BridgeClient) ID() string { return b.cacheID("BridgeClient", string(b.LUID)) }

// BridgeClients are the machines that reach data behind a firewall for the site; administrators
// only. GET bridge-clients, from API 3.28, Cloud only.
func (s *Session) BridgeClients(ctx context.Context) ([]*BridgeClient, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "bridge-clients"}, "bridgeClients", "bridgeClient")
	if err != nil {
		return nil, err
	}
	return rest.EachElement(b.List("bridgeClients", "bridgeClient"), func(b *rest.Element) (*BridgeClient, Text) {
		return &BridgeClient{
			node: node{s: s},
			LUID: rest.LUIDOf(b.Value("id")), Name: b.Value("name"), Status: b.Value("status"), Version: b.Value("version"),
			PoolLUID: rest.LUIDOf(b.Value("poolId")), Other: b.Others("id", "name", "status", "version", "poolId"),
		}, Text(rest.LUIDOf(b.Value("id")))
	}), nil
}

// BridgePool is a pool of such machines.
type BridgePool struct {
	node
	LUID  LUID
	Name  Text
	Other []*rest.NamedValue
}

// ID is an id for client caches.
func (b *BridgePool) ID() string { return b.cacheID("BridgePool", string(b.LUID)) }

// BridgePools are the pools of such machines; administrators only. GET bridge-pools, from API 3.28,
// Cloud only. The list is inside an edgePool.
func (s *Session) BridgePools(ctx context.Context) ([]*BridgePool, error) {
	b, err := s.element(ctx, rest.SiteRead{Template: "bridge-pools"}, "edgePool", "poolList", "pool")
	if err != nil {
		return nil, err
	}
	pools := append(b.In("edgePool").List("poolList", "pool"), b.List("poolList", "pool")...)
	return rest.EachElement(pools, func(b *rest.Element) (*BridgePool, Text) {
		return &BridgePool{node: node{s: s}, LUID: rest.LUIDOf(b.Value("id")), Name: b.Value("name"), Other: b.Others("id", "name")}, Text(rest.LUIDOf(b.Value("id")))
	}), nil
}

// CustomDomain is a host name of its own for a site.
type CustomDomain struct {
	Domain string
	Status Text
}

// domainNames are the names under which a custom domain may be given.
var domainNames = []string{"domain", "customDomain", "domainName", "hostName", "name"}

// CustomDomains are the site's own host names. GET /api/-/customdomains/site/{luid}, from API 3.26,
// Cloud only. The form of the answer is not documented: a list, a single object and a plain text
// are taken.
func (s *Session) CustomDomains(ctx context.Context) ([]*CustomDomain, error) {
	site, err := s.SiteLUID(ctx)
	if err != nil {
		return nil, err
	}
	r := rest.SiteRead{Template: "-/customdomains/site/{luid}", Values: []string{string(site)}}
	b, err := s.element(ctx, r)
	if err != nil {
		return nil, err
	}
	if !b.IsEmpty() && b.Text == "" && !b.Has(append([]string{"customDomains", rest.ListKey}, domainNames...)...) {
		return nil, rest.NoContainer(r)
	}
	items := append(b.List("customDomains", "customDomain"), b.Kids[rest.ListKey]...)
	if len(items) == 0 {
		items = []*rest.Element{b}
	}
	return rest.EachElement(items, func(b *rest.Element) (*CustomDomain, Text) {
		domain := b.Value(domainNames...)
		if domain == "" {
			domain = Text(b.Text)
		}
		return &CustomDomain{Domain: string(domain), Status: b.Value("status", "state")}, domain
	}), nil
}
