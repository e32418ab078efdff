package tableau

import (
	"cmp"
	"context"

	"vitrine/internal/tableau/rest"
)

// ConnectionInfo is how a workbook, data source, flow or virtual connection reaches data. Virtual
// connections write some attributes otherwise than all else, and not even all servers alike: each
// has the spellings that were seen.
type ConnectionInfo struct {
	node
	GivenID               LUID `json:"id" xml:"id,attr"`
	ConnectionID          LUID `json:"connectionId" xml:"connectionId,attr"`
	Type                  Text `json:"type" xml:"type,attr"`
	DriverClass           Text `json:"dbClass" xml:"dbClass,attr"`
	Address               Text `json:"serverAddress" xml:"serverAddress,attr"`
	Server                Text `json:"server" xml:"server,attr"`
	AddressPort           Int  `json:"serverPort" xml:"serverPort,attr"`
	Port                  Int  `json:"port" xml:"port,attr"`
	FileName              Text `json:"filename" xml:"filename,attr"`
	Name                  Text `json:"userName" xml:"userName,attr"`
	OtherName             Text `json:"username" xml:"username,attr"`
	HasEmbeddedPassword   Flag `json:"embedPassword" xml:"embedPassword,attr"`
	AuthenticationType    Text `json:"authenticationType" xml:"authenticationType,attr"`
	IsQueryTaggingEnabled Flag `json:"queryTaggingEnabled" xml:"queryTaggingEnabled,attr"`
	UsesOAuthKeychain     Flag `json:"useOAuthManagedKeychain" xml:"useOAuthManagedKeychain,attr"`

	DataSourceRef *DataSource `json:"datasource" xml:"datasource"`
}

func (c *ConnectionInfo) luid() LUID { return c.LUID() }

func (c *ConnectionInfo) bind(s *Session) {
	c.s = s
	bindOne(s, &c.DataSourceRef)
}

// LUID is Tableau's id of the connection.
func (c *ConnectionInfo) LUID() LUID { return cmp.Or(c.GivenID, c.ConnectionID) }

// ServerAddress is the host of the server.
func (c *ConnectionInfo) ServerAddress() Text { return cmp.Or(c.Address, c.Server) }

// ServerPort is the port of the server.
func (c *ConnectionInfo) ServerPort() Int { return cmp.Or(c.AddressPort, c.Port) }

// UserName is the name that it signs in with.
func (c *ConnectionInfo) UserName() Text { return cmp.Or(c.Name, c.OtherName) }

// DataSourceLUID is that of the data source it uses, published or embedded.
func (c *ConnectionInfo) DataSourceLUID() LUID {
	if c.DataSourceRef == nil {
		return ""
	}
	return c.DataSourceRef.LUID
}

// DataSourceName is that of the data source it uses.
func (c *ConnectionInfo) DataSourceName() Text {
	if c.DataSourceRef == nil {
		return ""
	}
	return Text(c.DataSourceRef.Name)
}

type connectionsAnswer struct {
	rest.Envelope
	Connections struct {
		Items []*ConnectionInfo `json:"connection" xml:"connection"`
	} `json:"connections" xml:"connections"`
	Virtual struct {
		Items []*ConnectionInfo `json:"connection" xml:"connection"`
	} `json:"virtualConnectionConnections" xml:"virtualConnectionConnections"`
}

func (s *Session) connectionsAt(ctx context.Context, r rest.SiteRead) ([]*ConnectionInfo, error) {
	a, err := get(ctx, s, r, func(a *connectionsAnswer) {
		bindAll(s, &a.Connections.Items)
		bindAll(s, &a.Virtual.Items)
	})
	if err != nil {
		return nil, err
	}
	return append(a.Connections.Items, a.Virtual.Items...), nil
}

// connectionsOf reads the connections of an item, side by side for all that were read together, so
// that the data sources behind them can be asked for all at once.
func connectionsOf[T any, P resource[T]](ctx context.Context, n node, item *T, collection string) ([]*ConnectionInfo, error) {
	page, err := readRangeOfEach[T, P](ctx, n, item, "connections", func(ctx context.Context, item *T) (*Page[ConnectionInfo], error) {
		found, err := n.s.connectionsAt(ctx, rest.SiteRead{
			Template: collection + "/{id}/connections", Values: []string{string(P(item).luid())},
		})
		if err != nil {
			return nil, err
		}
		return &Page[ConnectionInfo]{Items: append([]*ConnectionInfo(nil), found...)}, nil
	}, nil)
	if err != nil {
		return nil, err
	}
	return page.Items, nil
}

// ReadConnections are the workbook's data connections. GET workbooks/{id}/connections.
func (w *Workbook) ReadConnections(ctx context.Context) ([]*ConnectionInfo, error) {
	return connectionsOf(ctx, w.node, w, "workbooks")
}

// ReadConnections are the data source's connections. GET datasources/{id}/connections.
func (d *DataSource) ReadConnections(ctx context.Context) ([]*ConnectionInfo, error) {
	return connectionsOf(ctx, d.node, d, "datasources")
}

// publishedType is the type of a connection to a published data source.
const publishedType = "sqlproxy"

// ReadDataSource is the published data source that the connection uses; nil for one that is
// embedded, and where the user may not connect to it. For all connections that were read together
// the data sources are looked up once.
func (c *ConnectionInfo) ReadDataSource(ctx context.Context) (*DataSource, error) {
	if c.Type != publishedType || c.DataSourceLUID() == "" {
		return nil, nil
	}
	found, err := once(ctx, c.batch, "data sources", func() (map[LUID]*DataSource, error) {
		var ids []LUID
		for _, sibling := range batchItems(c.batch, c) {
			if sibling.Type == publishedType && sibling.DataSourceLUID() != "" {
				ids = append(ids, sibling.DataSourceLUID())
			}
		}
		return lookupAll(ctx, c.s, ids, ListQuery[DataSource]{}, c.s.dataSourcesPage, c.s.DataSource)
	})
	return found[c.DataSourceLUID()], err
}

// ReadConnections are the flow's connections. GET flows/{id}/connections, from API 3.3.
func (f *Flow) ReadConnections(ctx context.Context) ([]*ConnectionInfo, error) {
	return connectionsOf(ctx, f.node, f, "flows")
}

// ReadConnections are the virtual connection's database connections. GET
// virtualconnections/{id}/connections, from API 3.18.
func (v *VirtualConnectionInfo) ReadConnections(ctx context.Context) ([]*ConnectionInfo, error) {
	return connectionsOf(ctx, v.node, v, "virtualconnections")
}

// ID is an id for client caches.
func (c *ConnectionInfo) ID() string { return c.cacheID("ConnectionInfo", string(c.LUID())) }
