// Package draw makes the pictures and files of the stand-in for Tableau: charts as PNG and SVG,
// pages as PDF, crosstabs as XLSX, slides as PPTX, data as CSV, and zip archives.
//
// A [Table] holds the data of one view and its [Sheet] says how to draw it. PNG, SVG, PDF and the
// methods of Table write it out. The same table gives the same bytes at each call. The package
// knows nothing of Tableau's API.
//
// Read table.go first, then chart.go, which draws on a canvas; raster, vector and sheetPage are the
// canvases of PNG, SVG and PDF.
package draw
