package tableausim

// projectLine, bookLine and sourceLine are the hand-made content of a site. Access lists grants
// with commas: a group, "user:name", or either with a leading "-" for a denial.
type projectLine struct {
	path, owner, description, access string
	mode                             string // who sets permissions in it; the owners when empty
	leader                           string // a leader beside the owner
}

type bookLine struct {
	name, project, owner, theme string
	description, tags           string
	source                      string // name of a published data source, or empty for an embedded one
	access                      string // own rules, beside those of the project
	tabs                        bool
}

type sourceLine struct {
	name, project, owner, kind    string
	server, database, table, tags string
	certified, extract            bool
	access                        string
}

var standardProjects = []projectLine{
	{path: "Default", owner: adminName, description: "The default project that was automatically created by Tableau.", access: allUsers},
	{path: "Samples", owner: adminName, description: "Workbooks that come with Tableau.", access: allUsers},
	{path: "Sales", owner: "maria.gonzalez", description: "Everything the sales organization looks at every week.", access: allUsers},
	{path: "Sales/Europe", owner: "maria.gonzalez", description: "Sales in Europe.", access: "bi-analysts,Sales Team"},
	{path: "Sales/Europe/Nordics", owner: "jonas.weber", description: "Denmark, Finland, Iceland, Norway and Sweden.", access: allUsers},
	{path: "Sales/Europe/DACH", owner: "jonas.weber", access: "bi-analysts,Sales Team,Nordic Sales,user:hannah.schmidt"},
	{path: "Sales/Americas", owner: "james.miller", access: allUsers},
	{path: "Sales/Americas/Latin America", owner: "james.miller", access: "bi-analysts,Sales Team"},
	{path: "Sales/Asia, Pacific", owner: "yuki.tanaka", description: "Japan, Australia, Singapore.", access: allUsers},
	{path: "Sales/Archive", owner: "maria.gonzalez", access: "bi-analysts"},
	{path: "Marketing", owner: "sofia.rossi", access: "bi-analysts,Marketing Team"},
	{path: "Marketing/Brand & Web", owner: "luc.moreau", access: "bi-analysts,Marketing Team"},
	{path: "Marketing/Archive", owner: "sofia.rossi", access: "bi-analysts,Marketing Team"},
	{path: "Finance", owner: "tom.becker", description: "Closed to most; see Shared Reports.", access: "Finance Team,Executives", mode: lockedAlone, leader: "anna.kowalska"},
	{path: "Finance/Budget", owner: "tom.becker", access: "Finance Team,Executives", mode: locked},
	{path: "Finance/Shared Reports", owner: "priya.nair", description: "What finance shows to everybody.", access: allUsers},
	{path: "Operations", owner: "chen.wei", access: allUsers},
	{path: "Operations/Supply Chain", owner: "chen.wei", access: "bi-analysts,Supply Chain", mode: locked},
	{path: "Operations/Supply Chain/Warehouses", owner: "hannah.schmidt", access: "bi-analysts,Supply Chain"},
	{path: "Human Resources", owner: "olivia.brown", access: "Executives"},
	{path: "Reports by Country", owner: "yuki.tanaka", description: "Made once a quarter for each country.", access: allUsers},
}

var standardBooks = []bookLine{
	{name: "Superstore", project: "Samples", owner: adminName, theme: "sales", description: "Sales, profit and shipping of a fictional store chain.", tags: "sample,sales", source: "Superstore Datasource", tabs: true},
	{name: "Regional", project: "Samples", owner: adminName, theme: "sales", description: "Regional comparison from the samples.", tags: "sample"},
	{name: "World Indicators", project: "Samples", owner: adminName, theme: "people", tags: "sample,world"},
	{name: "Regional Sales", project: "Sales", owner: "maria.gonzalez", theme: "sales", description: "Sales by region, category and month. Updated each night.", tags: "sales,weekly", source: "Orders", tabs: true},
	{name: "Customer Segmentation", project: "Sales", owner: "maria.gonzalez", theme: "sales", description: "Who buys what, and how often.", tags: "sales,customers", source: "Customers 360"},
	{name: "Account Tracker", project: "Sales", owner: "james.miller", theme: "accounts", description: "Each person sees their own accounts.", tags: "sales,row-level", source: "CRM Opportunities", tabs: true},
	{name: "Quota Attainment", project: "Sales", owner: "james.miller", theme: "sales", tags: "sales", access: "-user:bob"},
	{name: "European Sales Review", project: "Sales/Europe", owner: "maria.gonzalez", theme: "sales", tags: "sales,europe", source: "Orders"},
	{name: "Nordic Sales", project: "Sales/Europe/Nordics", owner: "jonas.weber", theme: "sales", description: "Weekly figures of the Nordic countries.", tags: "sales,europe,weekly", source: "Orders"},
	{name: "Försäljning Sverige", project: "Sales/Europe/Nordics", owner: "björn.åkesson", theme: "sales", tags: "sales,sverige"},
	{name: "DACH Pipeline", project: "Sales/Europe/DACH", owner: "jonas.weber", theme: "accounts", source: "CRM Opportunities"},
	{name: "Americas Performance", project: "Sales/Americas", owner: "james.miller", theme: "sales", tags: "sales", source: "Orders"},
	{name: "Latin America Growth", project: "Sales/Americas/Latin America", owner: "james.miller", theme: "sales"},
	{name: "Japan & Australia", project: "Sales/Asia, Pacific", owner: "yuki.tanaka", theme: "sales", tags: "sales,apac"},
	{name: "Sales Kick-off 2023", project: "Sales/Archive", owner: "maria.gonzalez", theme: "sales"},
	{name: "Campaign Performance", project: "Marketing", owner: "sofia.rossi", theme: "marketing", description: "Spend, clicks and conversion by channel.", tags: "marketing,weekly", source: "Web Analytics", tabs: true},
	{name: "Web Traffic", project: "Marketing/Brand & Web", owner: "luc.moreau", theme: "marketing", tags: "marketing,web", source: "Web Analytics"},
	{name: "Brand Survey 2022", project: "Marketing/Archive", owner: "sofia.rossi", theme: "marketing"},
	{name: "Budget Control", project: "Finance/Budget", owner: "tom.becker", theme: "finance", description: "Budget and actuals by department.", tags: "finance,confidential", source: "General Ledger"},
	{name: "Cash Flow", project: "Finance", owner: "anna.kowalska", theme: "finance", tags: "finance", source: "General Ledger"},
	{name: "Travel Expenses", project: "Finance/Shared Reports", owner: "priya.nair", theme: "finance", description: "What we spend on travel.", tags: "finance"},
	{name: "Supply Chain Overview", project: "Operations", owner: "chen.wei", theme: "logistics", description: "Stock, lead times and delivery at a glance.", tags: "operations,weekly", source: "Shipments", tabs: true},
	{name: "Inventory Turnover", project: "Operations/Supply Chain", owner: "chen.wei", theme: "logistics", tags: "operations", source: "Stock Levels"},
	{name: "Warehouse Load", project: "Operations/Supply Chain/Warehouses", owner: "hannah.schmidt", theme: "logistics", source: "Stock Levels"},
	{name: "People Analytics", project: "Human Resources", owner: "olivia.brown", theme: "people", tags: "confidential"},
	{name: "Onboarding Kiosk", project: "Human Resources", owner: "olivia.brown", theme: "people", description: "First weeks of new colleagues; shown in the lobby.", access: "user:bob,user:r&d-kiosk"},
	{name: "Facility Usage", project: "Default", owner: "elena.petrova", theme: "logistics", access: "-bi-analysts"},
	{name: "Meeting Rooms", project: "Default", owner: "elena.petrova", theme: "people"},
	{name: "Alice's Scratchpad", owner: "alice", theme: "sales", description: "Nothing to see here yet."},
	{name: "Drafts", owner: "priya.nair", theme: "finance"},
}

var standardSources = []sourceLine{
	{name: "Superstore Datasource", project: "Samples", owner: adminName, kind: "excel-direct", table: "Orders$", tags: "sample", extract: true},
	{name: "Orders", project: "Sales", owner: "maria.gonzalez", kind: "sqlserver", server: "sql01.corp.example", database: "sales", table: "orders", tags: "sales", certified: true},
	{name: "Customers 360", project: "Sales", owner: "maria.gonzalez", kind: "snowflake", server: "acme.snowflakecomputing.com", database: "CRM", table: "CUSTOMERS", tags: "sales,customers", certified: true, extract: true},
	{name: "CRM Opportunities", project: "Sales", owner: "james.miller", kind: "salesforce", server: "login.salesforce.com", table: "Opportunity", extract: true},
	{name: "Nordic Orders", project: "Sales/Europe/Nordics", owner: "jonas.weber", kind: "postgres", server: "pg.nordics.example", database: "orders", table: "orders"},
	{name: "Targets", project: "Sales/Europe", owner: "maria.gonzalez", kind: "excel-direct", table: "Targets 2025$"},
	{name: "Web Analytics", project: "Marketing", owner: "sofia.rossi", kind: "bigquery", server: "googleapis.com/bigquery", database: "analytics", table: "sessions", tags: "marketing,web", extract: true},
	{name: "Ad Spend", project: "Marketing/Brand & Web", owner: "luc.moreau", kind: "google-sheets", table: "Spend", tags: "marketing"},
	{name: "General Ledger", project: "Finance", owner: "tom.becker", kind: "saphana", server: "hana.corp.example", database: "FIN", table: "LEDGER", tags: "finance,confidential", certified: true},
	{name: "Exchange Rates", project: "Finance/Shared Reports", owner: "priya.nair", kind: "hyper", table: "Extract", tags: "finance", extract: true, certified: true},
	{name: "Shipments", project: "Operations", owner: "chen.wei", kind: "redshift", server: "dwh.corp.example", database: "ops", table: "shipments", tags: "operations", certified: true, extract: true},
	{name: "Stock Levels", project: "Operations/Supply Chain", owner: "chen.wei", kind: "oracle", server: "erp.corp.example", database: "ERP", table: "STOCK", tags: "operations"},
	{name: "Employees", project: "Human Resources", owner: "olivia.brown", kind: "sqlserver", server: "hr.corp.example", database: "hr", table: "employees", tags: "confidential"},
	{name: "Calendar", project: "Default", owner: adminName, kind: "textscan", table: "calendar.csv", extract: true},
	{name: "Locations", project: "Default", owner: adminName, kind: "hyper", table: "Extract", extract: true, access: "-user:bob"},
	{name: "Sensor Readings", project: "Operations/Supply Chain/Warehouses", owner: "hannah.schmidt", kind: "mysql", server: "iot.corp.example", database: "iot", table: "readings"},
}

var marketingProjects = []projectLine{
	{path: "default", owner: adminName, description: "The default project that was automatically created by Tableau.", access: allUsers},
	{path: "Campaigns", owner: "sofia.rossi", access: allUsers},
	{path: "Campaigns/Spring 2026", owner: "sofia.rossi", access: allUsers},
	{path: "Agencies", owner: "fatima.zahra", description: "Closed: contracts.", access: "Marketing Team", mode: lockedAlone},
	{path: "Agencies/Reports", owner: "fatima.zahra", access: allUsers},
	{path: "Agencies/Reports/Archive", owner: "fatima.zahra", access: "Marketing Team"},
}

var marketingBooks = []bookLine{
	{name: "Campaign Overview", project: "Campaigns", owner: "sofia.rossi", theme: "marketing", tags: "campaign,weekly", source: "Ad Platforms", tabs: true},
	{name: "Spring Launch", project: "Campaigns/Spring 2026", owner: "sofia.rossi", theme: "marketing", tags: "campaign", source: "Ad Platforms"},
	{name: "Newsletter", project: "Campaigns", owner: "luc.moreau", theme: "marketing", tags: "mail"},
	{name: "Agency Scorecard", project: "Agencies/Reports", owner: "fatima.zahra", theme: "marketing"},
	{name: "Agency Contracts", project: "Agencies", owner: "fatima.zahra", theme: "finance", tags: "confidential"},
	{name: "Superstore", project: "default", owner: adminName, theme: "sales", tags: "sample"},
	{name: "Events 2024", project: "Agencies/Reports/Archive", owner: "fatima.zahra", theme: "marketing"},
}

var marketingSources = []sourceLine{
	{name: "Ad Platforms", project: "Campaigns", owner: "sofia.rossi", kind: "bigquery", server: "googleapis.com/bigquery", database: "ads", table: "spend", certified: true},
	{name: "Contracts", project: "Agencies", owner: "fatima.zahra", kind: "excel-direct", table: "Contracts$"},
}

var financeProjects = []projectLine{
	{path: "Default", owner: adminName, description: "The default project that was automatically created by Tableau.", access: allUsers},
	{path: "Controlling", owner: "tom.becker", access: "Finance Team"},
	{path: "Controlling/Month End", owner: "tom.becker", access: allUsers},
	{path: "Controlling/Month End/Drafts", owner: "priya.nair", access: "Finance Team"},
	{path: "Board", owner: "grace.kim", access: "Executives", mode: locked},
}

var financeBooks = []bookLine{
	{name: "Month-End Close", project: "Controlling/Month End", owner: "tom.becker", theme: "finance", tags: "finance,monthly", source: "Ledger", tabs: true},
	{name: "Cost Centers", project: "Controlling", owner: "tom.becker", theme: "finance", source: "Ledger"},
	{name: "Forecast", project: "Controlling/Month End/Drafts", owner: "priya.nair", theme: "finance"},
	{name: "Board Pack", project: "Board", owner: "grace.kim", theme: "finance", tags: "confidential"},
	{name: "Expense Audit", project: "Default", owner: "anna.kowalska", theme: "finance"},
}

var financeSources = []sourceLine{
	{name: "Ledger", project: "Controlling", owner: "tom.becker", kind: "saphana", server: "hana.corp.example", database: "FIN", table: "LEDGER", certified: true},
}
