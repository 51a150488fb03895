//! The best set of hypotheses that do not contradict one another.
//!
//! A hypothesis says that some vertices (bills, movements) belong together; no vertex may belong
//! to two chosen ones, and the weight of what is chosen is the greatest possible. What is clear is
//! settled first by a rule that loses nothing; what hangs together after that is solved exactly:
//! pairs alone as an assignment, others by branching on what is more than a pair. A part in which
//! too many of these hang together is cut: the lightest of them go, and its choices say so.

use super::matching;

/// Vertices that may belong together. In a pair the left vertex stands first, and left vertices
/// are never on the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hypothesis {
    pub vertices: Vec<u32>,
    /// How likely it is, greater than 0; comparable with that of others.
    pub weight: i64,
}

/// A chosen hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its place in the list.
    pub at: usize,
    /// By how much the best set beats the best set without it, in thousandths of its weight: 0
    /// when something else is as good, 1000 when nothing else explains these vertices.
    pub margin: i64,
    /// Whether hypotheses that hang together with it were left out for their number.
    pub is_cut: bool,
}

/// Margin from which a hypothesis counts as clear and is settled before anything else.
const CLEAR: i64 = 300;
/// Groups (hypotheses of more than two vertices) that are weighed together at most.
const MOST_GROUPS: usize = 12;
/// Hypotheses in a part with groups up to which margins are exact; beyond, the lower bound stands.
const MOST_EXACT_MARGINS: usize = 250;

/// Chooses; the answer is in the order of the list.
pub fn choose(all: &[Hypothesis]) -> Vec<Choice> {
    let mut alive: Vec<usize> = (0..all.len()).collect();
    let mut choices: Vec<Choice> = Vec::new();
    for (at, lead) in settle(all, &mut alive, CLEAR) {
        choices.push(Choice { at, margin: per_mille(lead, all[at].weight), is_cut: false });
    }
    for part in parts(all, &alive) {
        choices.extend(weigh(all, part));
    }
    choices.sort_unstable_by_key(|choice| choice.at);
    choices
}

fn weigh(all: &[Hypothesis], mut part: Vec<usize>) -> Vec<Choice> {
    if part.iter().all(|at| is_pair(&all[*at])) {
        return matched(all, &part);
    }
    let is_cut = cut(all, &mut part);
    let best = solve(all, part.clone());
    let margin = |at: usize| {
        if part.len() > MOST_EXACT_MARGINS {
            return bound(all, &part, at);
        }
        let without = solve(all, part.iter().copied().filter(|other| *other != at).collect());
        per_mille(value(all, &best) - value(all, &without), all[at].weight)
    };
    best.iter().map(|at| Choice { at: *at, margin: margin(*at), is_cut }).collect()
}

/// The best subset of `alive`, exactly.
fn solve(all: &[Hypothesis], mut alive: Vec<usize>) -> Vec<usize> {
    let mut chosen: Vec<usize> = settle(all, &mut alive, 0).into_iter().map(|(at, _)| at).collect();
    for part in parts(all, &alive) {
        if part.iter().all(|at| is_pair(&all[*at])) {
            chosen.extend(matched(all, &part).into_iter().map(|choice| choice.at));
        } else {
            chosen.extend(branch(all, &part));
        }
    }
    chosen
}

/// With the heaviest group, or without it.
fn branch(all: &[Hypothesis], part: &[usize]) -> Vec<usize> {
    let groups = part.iter().copied().filter(|at| !is_pair(&all[*at]));
    let Some(group) = groups.max_by_key(|at| (all[*at].weight, std::cmp::Reverse(*at))) else {
        return Vec::new();
    };
    let apart = |at: &usize| !all[*at].vertices.iter().any(|vertex| all[group].vertices.contains(vertex));
    let mut with = solve(all, part.iter().copied().filter(apart).collect());
    with.push(group);
    let without = solve(all, part.iter().copied().filter(|at| *at != group).collect());
    if value(all, &with) >= value(all, &without) { with } else { without }
}

/// Takes every hypothesis that outweighs the sum of the best others at each of its vertices, for
/// no set without it can be better, and drops what contradicts it; again until none is left.
/// `margin` is the lead that is asked for, in thousandths. The lead of each is returned.
fn settle(all: &[Hypothesis], alive: &mut Vec<usize>, margin: i64) -> Vec<(usize, i64)> {
    let n_vertices = alive.iter().flat_map(|at| &all[*at].vertices).max().map_or(0, |most| *most as usize + 1);
    let mut is_used = vec![false; n_vertices];
    let mut settled = Vec::new();
    loop {
        let best = best_two(all, alive, n_vertices);
        let before = settled.len();
        for at in alive.iter().copied() {
            let hypothesis = &all[at];
            let others: i64 = hypothesis.vertices.iter().map(|v| best[*v as usize].other_than(at)).sum();
            let lead = hypothesis.weight - others;
            let is_free = !hypothesis.vertices.iter().any(|v| is_used[*v as usize]);
            if is_free && lead >= 0 && per_mille(lead, hypothesis.weight) >= margin {
                hypothesis.vertices.iter().for_each(|v| is_used[*v as usize] = true);
                settled.push((at, lead));
            }
        }
        if settled.len() == before {
            return settled;
        }
        alive.retain(|at| !all[*at].vertices.iter().any(|v| is_used[*v as usize]));
    }
}

/// The two heaviest hypotheses at a vertex.
#[derive(Clone, Copy, Default)]
struct BestTwo {
    first: usize,
    first_weight: i64,
    second_weight: i64,
}

impl BestTwo {
    fn other_than(self, at: usize) -> i64 {
        if self.first == at { self.second_weight } else { self.first_weight }
    }
}

fn best_two(all: &[Hypothesis], alive: &[usize], n_vertices: usize) -> Vec<BestTwo> {
    let mut best = vec![BestTwo::default(); n_vertices];
    for at in alive.iter().copied() {
        for vertex in &all[at].vertices {
            let best = &mut best[*vertex as usize];
            let weight = all[at].weight;
            if weight > best.first_weight {
                *best = BestTwo { first: at, first_weight: weight, second_weight: best.first_weight };
            } else {
                best.second_weight = best.second_weight.max(weight);
            }
        }
    }
    best
}

/// A lower bound of the margin, from the neighbours alone.
fn bound(all: &[Hypothesis], part: &[usize], at: usize) -> i64 {
    let touches = |vertex: &u32| {
        let others = part.iter().filter(|other| **other != at && all[**other].vertices.contains(vertex));
        others.map(|other| all[*other].weight).max().unwrap_or(0)
    };
    let others: i64 = all[at].vertices.iter().map(touches).sum();
    per_mille(all[at].weight - others, all[at].weight)
}

fn matched(all: &[Hypothesis], part: &[usize]) -> Vec<Choice> {
    let pairs: Vec<matching::Pair> = part
        .iter()
        .map(|at| matching::Pair { left: all[*at].vertices[0], right: all[*at].vertices[1], weight: all[*at].weight })
        .collect();
    let kept = matching::best(&pairs).into_iter();
    kept.map(|(place, lead)| {
        let at = part[place];
        Choice { at, margin: per_mille(lead, all[at].weight), is_cut: false }
    })
    .collect()
}

/// Leaves the heaviest groups; whether some went.
fn cut(all: &[Hypothesis], part: &mut Vec<usize>) -> bool {
    let mut groups: Vec<usize> = part.iter().copied().filter(|at| !is_pair(&all[*at])).collect();
    groups.sort_by_key(|at| (std::cmp::Reverse(all[*at].weight), *at));
    let dropped = groups.split_off(groups.len().min(MOST_GROUPS));
    part.retain(|at| !dropped.contains(at));
    !dropped.is_empty()
}

/// What hangs together over common vertices, each part in order.
fn parts(all: &[Hypothesis], alive: &[usize]) -> Vec<Vec<usize>> {
    let n_vertices = alive.iter().flat_map(|at| &all[*at].vertices).max().map_or(0, |most| *most as usize + 1);
    let mut head: Vec<usize> = (0..n_vertices).collect();
    for at in alive {
        let vertices = &all[*at].vertices;
        for vertex in vertices.iter().skip(1) {
            let (a, b) = (root(&mut head, vertices[0] as usize), root(&mut head, *vertex as usize));
            head[a.max(b)] = a.min(b);
        }
    }
    let mut rooted: Vec<(usize, usize)> =
        alive.iter().map(|at| (root(&mut head, all[*at].vertices[0] as usize), *at)).collect();
    rooted.sort_unstable();
    rooted.chunk_by(|a, b| a.0 == b.0).map(|part| part.iter().map(|(_, at)| *at).collect()).collect()
}

fn root(head: &mut [usize], mut at: usize) -> usize {
    while head[at] != at {
        head[at] = head[head[at]];
        at = head[at];
    }
    at
}

fn is_pair(hypothesis: &Hypothesis) -> bool {
    hypothesis.vertices.len() == 2
}

fn value(all: &[Hypothesis], chosen: &[usize]) -> i64 {
    chosen.iter().map(|at| all[*at].weight).sum()
}

fn per_mille(part: i64, whole: i64) -> i64 {
    (1_000 * part / whole.max(1)).clamp(0, 1_000)
}
