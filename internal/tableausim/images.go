package tableausim

func workbookPreview(c *call) (*answer, error) { return nil, errForbidden() }
func viewPreview(c *call) (*answer, error)     { return nil, errForbidden() }
func viewImage(c *call) (*answer, error)       { return nil, errForbidden() }
func viewData(c *call) (*answer, error)        { return nil, errForbidden() }

type renderCache struct{}
