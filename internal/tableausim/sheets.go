package tableausim

// sheet is what a view shows: a kind of chart over dimensions and measures. Views of one kind share a
// sheet; their numbers differ, as they are derived from the LUID of the view.
type sheet struct {
	name     string
	kind     string // dashboard, story or view: sheetType as Tableau writes it
	chart    chartKind
	dims     []dimension
	measures []measure
	personal bool // rows are those of whoever looks
}

type chartKind int

const (
	bars chartKind = iota
	lines
	scatter
	heat
)

// dimension is a column of names.
type dimension struct {
	caption string
	values  []string
}

// measure is a column of numbers between lo and hi.
type measure struct {
	caption string
	lo, hi  float64
	format  numberFormat
}

type numberFormat int

const (
	count numberFormat = iota
	money
	percent
	decimal
)

// captions are the names of all columns.
func (s *sheet) captions() []string {
	var out []string
	for _, d := range s.dims {
		out = append(out, d.caption)
	}
	for _, m := range s.measures {
		out = append(out, m.caption)
	}
	return out
}

var (
	regionDim   = dimension{"Region", []string{"Central", "East", "South", "West"}}
	countryDim  = dimension{"Country/Region", []string{"Denmark", "France", "Germany", "Italy", "Norway", "Poland", "Spain", "Sweden"}}
	categoryDim = dimension{"Category", []string{"Furniture", "Office Supplies", "Technology"}}
	subCatDim   = dimension{"Sub-Category", []string{"Accessories", "Appliances", "Binders", "Bookcases", "Chairs", "Copiers", "Phones", "Storage", "Tables"}}
	segmentDim  = dimension{"Segment", []string{"Consumer", "Corporate", "Home Office"}}
	monthDim    = dimension{"Month of Order Date", []string{
		"January 2025", "February 2025", "March 2025", "April 2025", "May 2025", "June 2025",
		"July 2025", "August 2025", "September 2025", "October 2025", "November 2025", "December 2025",
	}}
	shipDim     = dimension{"Ship Mode", []string{"First Class", "Same Day", "Second Class", "Standard Class"}}
	siteDim     = dimension{"Warehouse", []string{"Antwerp", "Gdansk", "Gothenburg", "Lyon", "Turin", "Zaragoza"}}
	customerDim = dimension{"Customer Name", []string{
		"Aaron Bergman", "Brosina Hoffman", "Cindy Stewart", "Darrin Van Huff", "Emily Burns", "Gene Hale",
		"Irene Maddox", "Ken Black", "Linda Cazamias", "Pete Kriz", "Sandra Flanagan", "Zuschuss Donatelli",
	}}
	channelDim    = dimension{"Channel", []string{"Display", "E-Mail", "Organic Search", "Paid Search", "Social", "Video"}}
	departmentDim = dimension{"Department", []string{"Engineering", "Finance", "Human Resources", "Marketing", "Operations", "Sales"}}
	weekdayDim    = dimension{"Weekday", []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"}}

	sales      = measure{"Sales", 40_000, 620_000, money}
	profit     = measure{"Profit", -12_000, 90_000, money}
	quantity   = measure{"Quantity", 900, 9_800, count}
	margin     = measure{"Profit Ratio", -0.05, 0.31, percent}
	customers  = measure{"Distinct count of Customer Name", 80, 640, count}
	leadTime   = measure{"Days to Ship", 0.8, 7.4, decimal}
	stock      = measure{"Units in Stock", 300, 12_000, count}
	spend      = measure{"Spend", 2_000, 78_000, money}
	clicks     = measure{"Clicks", 1_200, 96_000, count}
	conversion = measure{"Conversion Rate", 0.004, 0.082, percent}
	budget     = measure{"Budget", 120_000, 2_400_000, money}
	actual     = measure{"Actual", 100_000, 2_500_000, money}
	headcount  = measure{"Headcount", 12, 240, count}
	onTime     = measure{"On-Time Rate", 0.71, 0.995, percent}
)

// themes are the kinds of workbooks; the first sheet is the default view.
var themes = map[string][]*sheet{
	"sales": {
		{name: "Overview", kind: "dashboard", chart: bars, dims: []dimension{regionDim, categoryDim}, measures: []measure{sales, profit}},
		{name: "Monthly Trend", kind: "view", chart: lines, dims: []dimension{monthDim}, measures: []measure{sales, profit}},
		{name: "Customers", kind: "view", chart: scatter, dims: []dimension{customerDim}, measures: []measure{sales, profit}},
		{name: "Product", kind: "view", chart: heat, dims: []dimension{subCatDim, regionDim}, measures: []measure{sales}},
		{name: "Segments", kind: "view", chart: bars, dims: []dimension{segmentDim}, measures: []measure{margin, customers}},
		{name: "Sales Story", kind: "story", chart: lines, dims: []dimension{monthDim}, measures: []measure{quantity}},
	},
	"logistics": {
		{name: "Shipping Summary", kind: "dashboard", chart: bars, dims: []dimension{shipDim, regionDim}, measures: []measure{leadTime, quantity}},
		{name: "Stock by Warehouse", kind: "view", chart: bars, dims: []dimension{siteDim}, measures: []measure{stock}},
		{name: "On-Time Delivery", kind: "view", chart: lines, dims: []dimension{monthDim}, measures: []measure{onTime}},
		{name: "Weekday Load", kind: "view", chart: heat, dims: []dimension{siteDim, weekdayDim}, measures: []measure{quantity}},
	},
	"marketing": {
		{name: "Campaign Overview", kind: "dashboard", chart: bars, dims: []dimension{channelDim}, measures: []measure{spend, clicks}},
		{name: "Clicks by Month", kind: "view", chart: lines, dims: []dimension{monthDim}, measures: []measure{clicks}},
		{name: "Cost & Conversion", kind: "view", chart: scatter, dims: []dimension{channelDim, segmentDim}, measures: []measure{spend, conversion}},
		{name: "Channel by Country", kind: "view", chart: heat, dims: []dimension{channelDim, countryDim}, measures: []measure{conversion}},
		{name: "Quarter in Review", kind: "story", chart: bars, dims: []dimension{segmentDim}, measures: []measure{clicks}},
	},
	"finance": {
		{name: "Budget vs. Actual", kind: "dashboard", chart: bars, dims: []dimension{departmentDim}, measures: []measure{budget, actual}},
		{name: "Monthly Actuals", kind: "view", chart: lines, dims: []dimension{monthDim}, measures: []measure{actual, budget}},
		{name: "Cost Matrix", kind: "view", chart: heat, dims: []dimension{departmentDim, monthDim}, measures: []measure{actual}},
	},
	"people": {
		{name: "Headcount", kind: "dashboard", chart: bars, dims: []dimension{departmentDim}, measures: []measure{headcount}},
		{name: "Headcount Trend", kind: "view", chart: lines, dims: []dimension{monthDim}, measures: []measure{headcount}},
		{name: "Teams by Country", kind: "view", chart: heat, dims: []dimension{departmentDim, countryDim}, measures: []measure{headcount}},
	},
	"accounts": {
		{name: "My Accounts", kind: "dashboard", chart: bars, dims: []dimension{{caption: "Account Owner"}, customerDim}, measures: []measure{sales}, personal: true},
		{name: "My Pipeline", kind: "view", chart: lines, dims: []dimension{{caption: "Account Owner"}, monthDim}, measures: []measure{sales}, personal: true},
		{name: "All Regions", kind: "view", chart: bars, dims: []dimension{regionDim}, measures: []measure{sales, margin}},
	},
}
