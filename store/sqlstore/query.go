// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gatelatch/gatelatch/admin"
	"github.com/gatelatch/gatelatch/store/sqlstore/stored"
)

// picking gathers the conditions of a listing and their arguments. Only what was
// asked for is in the text, so that an index can serve it, and lists and times stand
// in arguments, so that there are few texts: databases keep what they have parsed.
type picking struct {
	conditions []string
	args       []any
	nothing    bool // no row can meet them
}

// arg adds an argument and returns the parameter that stands for it.
func (p *picking) arg(v any) string {
	if text, ok := v.(string); ok && !stored.Findable(text) {
		p.nothing = true
	}
	p.args = append(p.args, v)
	return "$" + strconv.Itoa(len(p.args))
}

func (p *picking) and(condition string) { p.conditions = append(p.conditions, condition) }

// equal adds a condition unless the text is empty.
func (p *picking) equal(column, text string) {
	if text != "" {
		p.and(column + " = " + p.arg(text))
	}
}

// during adds a condition unless neither end of a stretch of time is bounded.
func (p *picking) during(column string, s admin.Span) {
	if s.From.IsZero() && s.Before.IsZero() {
		return
	}
	low, high := stored.Bounds(s.From, s.Before)
	p.and(column + " >= " + p.arg(low))
	p.and(column + " < " + p.arg(high))
}

// containing adds a condition unless there is nothing to search for.
func (p *picking) containing(id, column, search string) {
	term, findable := stored.SearchTerm(search)
	if !findable {
		p.nothing = true
	}
	if term == "" {
		return
	}
	like := " LIKE " + p.arg(stored.Like(term)) + " ESCAPE '!'"
	if found := column + like; stored.InIDs(term) {
		p.and("(LOWER(" + id + ")" + like + " OR " + found + ")")
	} else {
		p.and(found)
	}
}

func (p *picking) where() string {
	if len(p.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(p.conditions, " AND ")
}

// limited returns the end of a query that has a page of rows.
func (p *picking) limited(offset, limit int) string {
	return " LIMIT " + p.arg(stored.Rows(limit)) + " OFFSET " + p.arg(max(offset, 0))
}

// ordered returns how rows are sorted, ids breaking ties.
func ordered(column, id string, descending bool) string {
	direction := ""
	if descending {
		direction = " DESC"
	}
	return " ORDER BY " + column + direction + ", " + id + direction
}

// find reads a page, and counts all rows that were picked, at one moment.
func find[T any](ctx context.Context, s *Store, scan func(*sql.Rows) (T, error), p picking, from, columns, order string, page admin.Slice) ([]T, int, error) {
	if p.nothing {
		return nil, 0, nil
	}
	count, counted := `SELECT COUNT(*) FROM `+from+p.where(), p.args
	query := `SELECT ` + columns + ` FROM ` + from + p.where() + order + p.limited(page.Offset, page.Limit)
	var (
		rows []T
		all  int
	)
	err := s.readTx(ctx, func(u *unit) error {
		err := u.row(ctx, []any{&all}, count, counted...)
		if err != nil || all <= page.Offset {
			return err
		}
		rows, err = many(ctx, u, scan, query, p.args...)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return rows, all, nil
}

// list is the argument of [Dialect.Texts]. Texts that cannot stand in a database
// are left out: they are not found in any.
func list(of []string) string {
	texts := make([]string, 0, len(of))
	for _, text := range of {
		if stored.Findable(text) {
			texts = append(texts, text)
		}
	}
	b, _ := json.Marshal(texts) //nolint:errchkjson // strings always can be
	return string(b)
}
