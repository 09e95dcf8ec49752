package main

import (
	"bytes"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWorkersStayUnderTheCap(t *testing.T) {
	t.Setenv("KEEPROUTER_KEY", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-cap", "0.0002", "-workers", "5", "-jobs", "30"}, &out))

	counts := regexp.MustCompile(`(\d+) answered, (\d+) refused\n`).FindStringSubmatch(out.String())
	require.Len(t, counts, 3, out.String())
	answered, err := strconv.Atoi(counts[1])
	require.NoError(t, err)
	refused, err := strconv.Atoi(counts[2])
	require.NoError(t, err)
	require.Equal(t, 30, answered+refused)
	require.Positive(t, answered)
	require.Positive(t, refused)

	spent := regexp.MustCompile(`spent (\$\S+) of \$0.0002, `).FindStringSubmatch(out.String())
	require.Len(t, spent, 2, out.String())
	amount, err := keeprouter.ParseMoney(spent[1])
	require.NoError(t, err)
	require.LessOrEqual(t, amount, 200*keeprouter.Micro)
}

func TestACapThatIsNoAmountIsRefused(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), []string{"-cap", "a lot"}, &bytes.Buffer{}), "no amount of money")
}
