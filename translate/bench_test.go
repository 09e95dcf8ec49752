package translate

import "testing"

// What translation adds to a call: a conversation with tools and pictures.
func BenchmarkToMessages(b *testing.B) {
	req := newGenerator(8).chatRequest()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToMessages(req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToChat(b *testing.B) {
	req := newGenerator(8).messagesRequest()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToChat(req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToChatResponse(b *testing.B) {
	resp := newGenerator(8).messagesResponse()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToChatResponse(resp); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToMessagesResponse(b *testing.B) {
	resp := newGenerator(8).chatResponse()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ToMessagesResponse(resp); err != nil {
			b.Fatal(err)
		}
	}
}
