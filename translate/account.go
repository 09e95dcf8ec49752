package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// How long a user's id may be.
const (
	maxMessagesUser = 512
	maxChatUser     = 64
)

// personal matches ids that name a person: servers refuse them.
var personal = regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9-]+\.[a-z]{2,}|^\+?[0-9][0-9 ()./-]{6,18}[0-9]$`)

// opaqueUser hashes an id that is too long or names a person.
func opaqueUser(id string, most int) (opaque string, hashed bool) {
	if len(id) <= most && !personal.MatchString(id) {
		return id, false
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:]), true
}
