// Package memory serves the facade's schema with gqlgen from memory: no token, no session, no REST
// call. It is what gqlgen alone costs in make bench.
package memory

// Site is what is served.
type Site struct {
	AllProjects  []*Project
	AllWorkbooks []*Workbook
}

// Project is a project with its workbooks.
type Project struct {
	Luid, Name   string
	AllWorkbooks []*Workbook
}

// Workbook is a workbook with its views.
type Workbook struct {
	Luid, Name, UpdatedAt string
	InProject             *Project
	OwnedBy               *User
	AllViews              []*View
}

// View is a view.
type View struct{ Luid, Name string }

// User is an owner.
type User struct{ Luid, Name string }

// Link is the address of an image.
type Link struct{ URL string }

// ProjectConnection is a list of projects.
type ProjectConnection struct {
	TotalCount int
	Nodes      []*Project
}

// WorkbookConnection is a list of workbooks.
type WorkbookConnection struct {
	TotalCount int
	Nodes      []*Workbook
}
