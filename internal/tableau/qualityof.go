package tableau

import "context"

// ReadWarnings are the warnings on the data source.
func (d *DataSource) ReadWarnings(ctx context.Context) ([]*DataQualityWarning, error) {
	return warningsOf(ctx, d.node, d, "datasource")
}

// ReadCertifications are the certifications of the data source.
func (d *DataSource) ReadCertifications(ctx context.Context) ([]*DataQualityWarning, error) {
	return certificationsOf(ctx, d.node, d, "datasource")
}

// ReadTriggers are the rules that set warnings on the data source.
func (d *DataSource) ReadTriggers(ctx context.Context) ([]*DataQualityTrigger, error) {
	return triggersOf(ctx, d.node, d, "datasource")
}

// ReadWarnings are the warnings on the flow.
func (f *Flow) ReadWarnings(ctx context.Context) ([]*DataQualityWarning, error) {
	return warningsOf(ctx, f.node, f, "flow")
}

// ReadCertifications are the certifications of the flow.
func (f *Flow) ReadCertifications(ctx context.Context) ([]*DataQualityWarning, error) {
	return certificationsOf(ctx, f.node, f, "flow")
}

// ReadTriggers are the rules that set warnings on the flow.
func (f *Flow) ReadTriggers(ctx context.Context) ([]*DataQualityTrigger, error) {
	return triggersOf(ctx, f.node, f, "flow")
}

// ReadWarnings are the warnings on the virtual connection.
func (v *VirtualConnectionInfo) ReadWarnings(ctx context.Context) ([]*DataQualityWarning, error) {
	return warningsOf(ctx, v.node, v, "virtualconnection")
}

// ReadCertifications are the certifications of the virtual connection.
func (v *VirtualConnectionInfo) ReadCertifications(ctx context.Context) ([]*DataQualityWarning, error) {
	return certificationsOf(ctx, v.node, v, "virtualconnection")
}

// ReadTriggers are the rules that set warnings on the virtual connection.
func (v *VirtualConnectionInfo) ReadTriggers(ctx context.Context) ([]*DataQualityTrigger, error) {
	return triggersOf(ctx, v.node, v, "virtualconnection")
}

// ReadWarnings are the warnings on the database.
func (d *Database) ReadWarnings(ctx context.Context) ([]*DataQualityWarning, error) {
	return warningsOf(ctx, d.node, d, "database")
}

// ReadCertifications are the certifications of the database.
func (d *Database) ReadCertifications(ctx context.Context) ([]*DataQualityWarning, error) {
	return certificationsOf(ctx, d.node, d, "database")
}

// ReadTriggers are the rules that set warnings on the database.
func (d *Database) ReadTriggers(ctx context.Context) ([]*DataQualityTrigger, error) {
	return triggersOf(ctx, d.node, d, "database")
}

// ReadWarnings are the warnings on the table.
func (t *Table) ReadWarnings(ctx context.Context) ([]*DataQualityWarning, error) {
	return warningsOf(ctx, t.node, t, "table")
}

// ReadCertifications are the certifications of the table.
func (t *Table) ReadCertifications(ctx context.Context) ([]*DataQualityWarning, error) {
	return certificationsOf(ctx, t.node, t, "table")
}

// ReadTriggers are the rules that set warnings on the table.
func (t *Table) ReadTriggers(ctx context.Context) ([]*DataQualityTrigger, error) {
	return triggersOf(ctx, t.node, t, "table")
}
