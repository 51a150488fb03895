//! The heaviest assignment of left to right vertices, over the pairs that there are.
//!
//! Shortest augmenting paths with potentials (Jonker and Volgenant, "A shortest augmenting path
//! algorithm for dense and sparse linear assignment problems", 1987), each left vertex having
//! a place of its own where it stays alone. The potentials tell afterwards, by one more path, how
//! much each pair is worth against the best assignment without it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A pair that may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub left: u32,
    pub right: u32,
    pub weight: i64,
}

/// The place of each pair of the best assignment, with what would be lost without it.
pub(super) fn best(pairs: &[Pair]) -> Vec<(usize, i64)> {
    let graph = Graph::of(pairs);
    let mut assignment = Assignment::of(&graph);
    for left in 0..graph.edges.len() {
        assignment.add(&graph, left);
    }
    let hub = assignment.hub(&graph);
    let mut kept: Vec<(usize, i64)> = (0..graph.edges.len())
        .filter_map(|left| {
            let edges = graph.edges[left].iter().filter(|edge| Some(edge.right) == assignment.of_left[left]);
            let edge = *edges.min_by_key(|edge| edge.cost)?;
            Some((edge.place, assignment.lead(&graph, &hub, left, edge)))
        })
        .collect();
    kept.sort_unstable();
    kept
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    right: usize,
    cost: i64,
    /// Of the pair in the list.
    place: usize,
}

/// Pairs with costs: the less, the better; a left vertex alone costs `alone`.
struct Graph {
    edges: Vec<Vec<Edge>>,
    /// By right vertex: the left ones, and where among their edges it stands.
    edges_to: Vec<Vec<(usize, usize)>>,
    n_right: usize,
    alone: i64,
}

impl Graph {
    fn of(pairs: &[Pair]) -> Self {
        let lefts = numbered(pairs.iter().map(|pair| pair.left));
        let rights = numbered(pairs.iter().map(|pair| pair.right));
        let alone = pairs.iter().map(|pair| pair.weight).max().unwrap_or(0);
        let mut edges = vec![Vec::new(); lefts.len()];
        for (place, pair) in pairs.iter().enumerate() {
            edges[lefts[&pair.left]].push(Edge { right: rights[&pair.right], cost: alone - pair.weight, place });
        }
        let mut edges_to = vec![Vec::new(); rights.len()];
        for (left, edges) in edges.iter().enumerate() {
            edges.iter().enumerate().for_each(|(at, edge): (usize, &Edge)| edges_to[edge.right].push((left, at)));
        }
        Self { edges, edges_to, n_right: rights.len(), alone }
    }

    /// The edges of a left vertex, and the one to its own place.
    fn ways(&self, left: usize) -> impl Iterator<Item = (usize, i64)> {
        let own = (self.n_right + left, self.alone);
        self.edges[left].iter().map(|edge| (edge.right, edge.cost)).chain([own])
    }
}

fn numbered(ids: impl Iterator<Item = u32>) -> BTreeMap<u32, usize> {
    let mut numbers: BTreeMap<u32, usize> = ids.map(|id| (id, 0)).collect();
    numbers.values_mut().enumerate().for_each(|(n, number)| *number = n);
    numbers
}

/// Who is with whom, and the potentials that prove it best.
struct Assignment {
    /// By left vertex: a right one, or its own place beyond them.
    of_left: Vec<Option<usize>>,
    of_right: Vec<Option<usize>>,
    left_potential: Vec<i64>,
    right_potential: Vec<i64>,
}

impl Assignment {
    fn of(graph: &Graph) -> Self {
        let (n_left, n_places) = (graph.edges.len(), graph.n_right + graph.edges.len());
        Self {
            of_left: vec![None; n_left],
            of_right: vec![None; n_places],
            left_potential: vec![0; n_left],
            right_potential: vec![0; n_places],
        }
    }

    /// Adds a left vertex along the shortest augmenting path.
    fn add(&mut self, graph: &Graph, start: usize) {
        let mut reached: BTreeMap<usize, (i64, usize)> = BTreeMap::new();
        let mut done: BTreeMap<usize, i64> = BTreeMap::new();
        let mut heap = BinaryHeap::new();
        let (mut left, mut base) = (start, 0);
        let (end, length) = loop {
            for (right, cost) in graph.ways(left).filter(|(right, _)| !done.contains_key(right)) {
                let length = base + cost - self.left_potential[left] - self.right_potential[right];
                if reached.get(&right).is_none_or(|(known, _)| length < *known) {
                    reached.insert(right, (length, left));
                    heap.push(Reverse((length, right)));
                }
            }
            // Its own place is always free, so the search ends.
            let Some(Reverse((length, right))) = heap.pop() else { return };
            if done.contains_key(&right) {
                continue;
            }
            let Some(mate) = self.of_right[right] else { break (right, length) };
            done.insert(right, length);
            (left, base) = (mate, length);
        };
        for (right, at) in &done {
            self.right_potential[*right] -= length - at;
            if let Some(mate) = self.of_right[*right] {
                self.left_potential[mate] += length - at;
            }
        }
        self.left_potential[start] += length;
        self.augment(&reached, start, end);
    }

    fn augment(&mut self, reached: &BTreeMap<usize, (i64, usize)>, start: usize, end: usize) {
        let mut right = end;
        loop {
            let left = reached[&right].1;
            let before = self.of_left[left].replace(right);
            self.of_right[right] = Some(left);
            match before {
                Some(before) if left != start => right = before,
                _ => return,
            }
        }
    }

    /// What it costs, once a left vertex stays alone or a right one stands free, to reach each
    /// right vertex: nobody takes it, or a left vertex that was alone does.
    fn hub(&self, graph: &Graph) -> Vec<i64> {
        let mut hub: Vec<i64> = self.right_potential[..graph.n_right].iter().map(|potential| -potential).collect();
        for (left, place) in self.of_left.iter().enumerate() {
            if place.is_some_and(|place| place >= graph.n_right) {
                for edge in &graph.edges[left] {
                    let cost = edge.cost - self.left_potential[left] - self.right_potential[edge.right];
                    hub[edge.right] = hub[edge.right].min(cost);
                }
            }
        }
        hub
    }

    /// What is lost without a pair that was kept: the shortest way around it, from its left vertex
    /// to its right one, directly or over the hub.
    fn lead(&self, graph: &Graph, hub: &[i64], left: usize, kept: Edge) -> i64 {
        let from_hub = self.way_from_hub(graph, hub, kept.right);
        let mut to_hub = graph.alone - self.left_potential[left];
        let mut direct = i64::MAX;
        let mut ways = Ways::default();
        for edge in graph.edges[left].iter().filter(|edge| edge.place != kept.place) {
            ways.reach(edge.right, self.reduced(left, *edge));
        }
        while let Some((length, right)) = ways.next() {
            if length >= direct.min(to_hub + from_hub) {
                break;
            }
            if right == kept.right {
                direct = length;
                continue;
            }
            let Some(mate) = self.of_right[right] else {
                to_hub = to_hub.min(length);
                continue;
            };
            to_hub = to_hub.min(length + graph.alone - self.left_potential[mate]);
            for edge in graph.edges[mate].iter().filter(|edge| edge.right != right) {
                ways.reach(edge.right, length + self.reduced(mate, *edge));
            }
        }
        direct.min(to_hub + from_hub)
    }

    /// The shortest way from the hub to a right vertex, sought backwards.
    fn way_from_hub(&self, graph: &Graph, hub: &[i64], target: usize) -> i64 {
        let mut best = i64::MAX;
        let mut ways = Ways::default();
        ways.reach(target, 0);
        while let Some((length, right)) = ways.next().filter(|(length, _)| *length < best) {
            best = best.min(length + hub[right]);
            for (left, edge) in graph.edges_to[right].iter().map(|(left, at)| (*left, graph.edges[*left][*at])) {
                let place = self.of_left[left].filter(|place| *place < graph.n_right && *place != right);
                if let Some(place) = place {
                    ways.reach(place, length + self.reduced(left, edge));
                }
            }
        }
        best
    }

    /// The cost of an edge less the potentials of its ends, never below 0.
    fn reduced(&self, left: usize, edge: Edge) -> i64 {
        edge.cost - self.left_potential[left] - self.right_potential[edge.right]
    }
}

/// Right vertices by the length of the shortest way known to them.
#[derive(Default)]
struct Ways {
    known: BTreeMap<usize, i64>,
    heap: BinaryHeap<Reverse<(i64, usize)>>,
}

impl Ways {
    fn reach(&mut self, right: usize, length: i64) {
        if self.known.get(&right).is_none_or(|known| length < *known) {
            self.known.insert(right, length);
            self.heap.push(Reverse((length, right)));
        }
    }

    /// The nearest vertex that was not given yet.
    fn next(&mut self) -> Option<(i64, usize)> {
        while let Some(Reverse((length, right))) = self.heap.pop() {
            if self.known[&right] == length {
                return Some((length, right));
            }
        }
        None
    }
}
