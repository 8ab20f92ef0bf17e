package scale

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// task is an application that is being rendered, or waits in a server.
type task struct {
	due, called float64 // seconds
	left        float64 // CPU seconds
}

// server shares its cores among the renders that run.
type server struct{ running, waiting []*task }

// simulation is one run.
type simulation struct {
	Installation
	render  Render
	random  *rand.Rand
	now     float64
	queue   []float64 // when those that wait for a processor were due
	calls   int       // processors that are busy
	servers []server
	outcome Outcome
	sum     float64 // of what Mean is over
}

// Simulate renders an application at each of the times, which are in order.
func (i Installation) Simulate(due []time.Duration, render Render, seed uint64) Outcome {
	s := &simulation{
		Installation: i, render: render, servers: make([]server, i.Servers),
		random: rand.New(rand.NewPCG(seed, 0)), // nothing secret depends on it
	}
	for len(due) > 0 || s.calls > 0 {
		next := s.nextEnd()
		if len(due) > 0 && due[0].Seconds() <= next {
			next = due[0].Seconds()
		}
		s.advance(next)
		for len(due) > 0 && due[0].Seconds() <= s.now {
			s.queue = append(s.queue, due[0].Seconds())
			due = due[1:]
		}
		s.call()
		s.outcome.Backlog = max(s.outcome.Backlog, len(s.queue))
	}
	if s.outcome.Renders > 0 {
		s.outcome.Mean = seconds(s.sum / float64(s.outcome.Renders))
	}
	return s.outcome
}

// call hands what waits to the servers, as far as there are processors.
func (s *simulation) call() {
	for len(s.queue) > 0 && s.calls < s.Processors {
		t := &task{due: s.queue[0], called: s.now, left: s.render.CPU.Seconds()}
		s.queue = s.queue[1:]
		s.calls++
		server := &s.servers[s.random.IntN(len(s.servers))]
		server.waiting = append(server.waiting, t)
		s.start(server)
	}
}

// start lets those run that a server has room for.
func (s *simulation) start(server *server) {
	for len(server.waiting) > 0 && (s.Parallel == 0 || len(server.running) < s.Parallel) {
		server.running = append(server.running, server.waiting[0])
		server.waiting = server.waiting[1:]
	}
	s.outcome.Memory = max(s.outcome.Memory, int64(len(server.running))*s.render.Memory)
}

// speed is how many CPU seconds each render of a server gets in a second.
func (s *simulation) speed(server *server) float64 {
	return min(1, float64(s.Cores)/float64(len(server.running)))
}

// nextEnd is when the next render ends, if nothing else happens before.
func (s *simulation) nextEnd() float64 {
	next := math.Inf(1)
	for i := range s.servers {
		for _, t := range s.servers[i].running {
			next = min(next, s.now+t.left/s.speed(&s.servers[i]))
		}
	}
	return next
}

// advance lets time pass, and ends what is rendered by then.
func (s *simulation) advance(to float64) {
	const nothing = 1e-9 // CPU seconds: less is a rounding error
	for i := range s.servers {
		server := &s.servers[i]
		work := (to - s.now) * s.speed(server)
		for _, t := range server.running {
			t.left -= work
			if t.left <= nothing {
				s.end(t, to)
			}
		}
		server.running = slices.DeleteFunc(server.running, func(t *task) bool { return t.left <= nothing })
	}
	s.now = to
	for i := range s.servers {
		s.start(&s.servers[i])
	}
}

func (s *simulation) end(t *task, at float64) {
	s.calls--
	s.outcome.Renders++
	s.outcome.CPU += s.render.CPU
	s.sum += at - t.due
	s.outcome.Done = max(s.outcome.Done, seconds(at-t.due))
	s.outcome.Slowest = max(s.outcome.Slowest, seconds(at-t.called))
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond)
}
