package tableausim

import "vitrine/internal/tableausim/draw"

func dim(caption string, values ...string) draw.Dimension {
	return draw.Dimension{Caption: caption, Values: values}
}

func num(caption string, lo, hi float64, format draw.Format) draw.Measure {
	return draw.Measure{Caption: caption, Lo: lo, Hi: hi, Format: format}
}

var (
	regionDim   = dim("Region", "Central", "East", "South", "West")
	countryDim  = dim("Country/Region", "Denmark", "France", "Germany", "Italy", "Norway", "Poland", "Spain", "Sweden")
	categoryDim = dim("Category", "Furniture", "Office Supplies", "Technology")
	subCatDim   = dim("Sub-Category", "Accessories", "Appliances", "Binders", "Bookcases", "Chairs", "Copiers", "Phones", "Storage", "Tables")
	segmentDim  = dim("Segment", "Consumer", "Corporate", "Home Office")
	monthDim    = dim("Month of Order Date",
		"January 2025", "February 2025", "March 2025", "April 2025", "May 2025", "June 2025",
		"July 2025", "August 2025", "September 2025", "October 2025", "November 2025", "December 2025",
	)
	shipDim     = dim("Ship Mode", "First Class", "Same Day", "Second Class", "Standard Class")
	siteDim     = dim("Warehouse", "Antwerp", "Gdansk", "Gothenburg", "Lyon", "Turin", "Zaragoza")
	customerDim = dim("Customer Name",
		"Aaron Bergman", "Brosina Hoffman", "Cindy Stewart", "Darrin Van Huff", "Emily Burns", "Gene Hale",
		"Irene Maddox", "Ken Black", "Linda Cazamias", "Pete Kriz", "Sandra Flanagan", "Zuschuss Donatelli",
	)
	channelDim    = dim("Channel", "Display", "E-Mail", "Organic Search", "Paid Search", "Social", "Video")
	departmentDim = dim("Department", "Engineering", "Finance", "Human Resources", "Marketing", "Operations", "Sales")
	weekdayDim    = dim("Weekday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

	sales      = num("Sales", 40_000, 620_000, draw.Money)
	profit     = num("Profit", -12_000, 90_000, draw.Money)
	quantity   = num("Quantity", 900, 9_800, draw.Count)
	margin     = num("Profit Ratio", -0.05, 0.31, draw.Percent)
	customers  = num("Distinct count of Customer Name", 80, 640, draw.Count)
	leadTime   = num("Days to Ship", 0.8, 7.4, draw.Decimal)
	stock      = num("Units in Stock", 300, 12_000, draw.Count)
	spend      = num("Spend", 2_000, 78_000, draw.Money)
	clicks     = num("Clicks", 1_200, 96_000, draw.Count)
	conversion = num("Conversion Rate", 0.004, 0.082, draw.Percent)
	budget     = num("Budget", 120_000, 2_400_000, draw.Money)
	actual     = num("Actual", 100_000, 2_500_000, draw.Money)
	headcount  = num("Headcount", 12, 240, draw.Count)
	onTime     = num("On-Time Rate", 0.71, 0.995, draw.Percent)
)

// themes are the kinds of workbooks; the first sheet is the default view.
var themes = map[string][]*draw.Sheet{
	"sales": {
		{Name: "Overview", Kind: "dashboard", Chart: draw.Bars, Dimensions: []draw.Dimension{regionDim, categoryDim}, Measures: []draw.Measure{sales, profit}},
		{Name: "Monthly Trend", Kind: "view", Chart: draw.Lines, Dimensions: []draw.Dimension{monthDim}, Measures: []draw.Measure{sales, profit}},
		{Name: "Customers", Kind: "view", Chart: draw.Scatter, Dimensions: []draw.Dimension{customerDim}, Measures: []draw.Measure{sales, profit}},
		{Name: "Product", Kind: "view", Chart: draw.Heat, Dimensions: []draw.Dimension{subCatDim, regionDim}, Measures: []draw.Measure{sales}},
		{Name: "Segments", Kind: "view", Chart: draw.Bars, Dimensions: []draw.Dimension{segmentDim}, Measures: []draw.Measure{margin, customers}},
		{Name: "Sales Story", Kind: "story", Chart: draw.Lines, Dimensions: []draw.Dimension{monthDim}, Measures: []draw.Measure{quantity}},
	},
	"logistics": {
		{Name: "Shipping Summary", Kind: "dashboard", Chart: draw.Bars, Dimensions: []draw.Dimension{shipDim, regionDim}, Measures: []draw.Measure{leadTime, quantity}},
		{Name: "Stock by Warehouse", Kind: "view", Chart: draw.Bars, Dimensions: []draw.Dimension{siteDim}, Measures: []draw.Measure{stock}},
		{Name: "On-Time Delivery", Kind: "view", Chart: draw.Lines, Dimensions: []draw.Dimension{monthDim}, Measures: []draw.Measure{onTime}},
		{Name: "Weekday Load", Kind: "view", Chart: draw.Heat, Dimensions: []draw.Dimension{siteDim, weekdayDim}, Measures: []draw.Measure{quantity}},
	},
	"marketing": {
		{Name: "Campaign Overview", Kind: "dashboard", Chart: draw.Bars, Dimensions: []draw.Dimension{channelDim}, Measures: []draw.Measure{spend, clicks}},
		{Name: "Clicks by Month", Kind: "view", Chart: draw.Lines, Dimensions: []draw.Dimension{monthDim}, Measures: []draw.Measure{clicks}},
		{Name: "Cost & Conversion", Kind: "view", Chart: draw.Scatter, Dimensions: []draw.Dimension{channelDim, segmentDim}, Measures: []draw.Measure{spend, conversion}},
		{Name: "Channel by Country", Kind: "view", Chart: draw.Heat, Dimensions: []draw.Dimension{channelDim, countryDim}, Measures: []draw.Measure{conversion}},
		{Name: "Quarter in Review", Kind: "story", Chart: draw.Bars, Dimensions: []draw.Dimension{segmentDim}, Measures: []draw.Measure{clicks}},
	},
	"finance": {
		{Name: "Budget vs. Actual", Kind: "dashboard", Chart: draw.Bars, Dimensions: []draw.Dimension{departmentDim}, Measures: []draw.Measure{budget, actual}},
		{Name: "Monthly Actuals", Kind: "view", Chart: draw.Lines, Dimensions: []draw.Dimension{monthDim}, Measures: []draw.Measure{actual, budget}},
		{Name: "Cost Matrix", Kind: "view", Chart: draw.Heat, Dimensions: []draw.Dimension{departmentDim, monthDim}, Measures: []draw.Measure{actual}},
	},
	"people": {
		{Name: "Headcount", Kind: "dashboard", Chart: draw.Bars, Dimensions: []draw.Dimension{departmentDim}, Measures: []draw.Measure{headcount}},
		{Name: "Headcount Trend", Kind: "view", Chart: draw.Lines, Dimensions: []draw.Dimension{monthDim}, Measures: []draw.Measure{headcount}},
		{Name: "Teams by Country", Kind: "view", Chart: draw.Heat, Dimensions: []draw.Dimension{departmentDim, countryDim}, Measures: []draw.Measure{headcount}},
	},
	"accounts": {
		{Name: "My Accounts", Kind: "dashboard", Chart: draw.Bars, Dimensions: []draw.Dimension{{Caption: "Account Owner"}, customerDim}, Measures: []draw.Measure{sales}, Personal: true},
		{Name: "My Pipeline", Kind: "view", Chart: draw.Lines, Dimensions: []draw.Dimension{{Caption: "Account Owner"}, monthDim}, Measures: []draw.Measure{sales}, Personal: true},
		{Name: "All Regions", Kind: "view", Chart: draw.Bars, Dimensions: []draw.Dimension{regionDim}, Measures: []draw.Measure{sales, margin}},
	},
}
