package gateway

import "time"

// Model is a model that the gateway knows.
type Model struct {
	ID   string
	Name string
}

// models are those of the service.
func knownModels() []Model {
	return []Model{
		{"gemma-4-31B-it", "Gemma 4 31B"},
		{"gemini-3.5-flash", "Gemini 3.5 Flash"},
	}
}

// modelObject satisfies both formats at once.
type modelObject struct {
	ID          string `json:"id"`
	Object      string `json:"object"`
	Type        string `json:"type"`
	DisplayName string `json:"display_name"`
	Created     int64  `json:"created"`
	CreatedAt   string `json:"created_at"`
	OwnedBy     string `json:"owned_by"`
	Lifecycle   string `json:"lifecycle"`
}

type modelList struct {
	Object  string        `json:"object"`
	Data    []modelObject `json:"data"`
	HasMore bool          `json:"has_more"`
	FirstID string        `json:"first_id"`
	LastID  string        `json:"last_id"`
}

func (g *Gateway) modelObject(m Model) modelObject {
	return modelObject{
		ID: m.ID, Object: "model", Type: "model", DisplayName: m.Name, OwnedBy: "keeprouter", Lifecycle: "active",
		Created: g.created, CreatedAt: time.Unix(g.created, 0).UTC().Format(time.RFC3339),
	}
}

func (g *Gateway) modelList() []byte {
	list := modelList{Object: "list", FirstID: g.models[0].ID, LastID: g.models[len(g.models)-1].ID}
	for _, m := range g.models {
		list.Data = append(list.Data, g.modelObject(m))
	}
	return encode(list)
}

func (g *Gateway) model(id string) ([]byte, *failure) {
	for _, m := range g.models {
		if m.ID == id {
			return encode(g.modelObject(m)), nil
		}
	}
	return nil, unknownModel(id)
}
