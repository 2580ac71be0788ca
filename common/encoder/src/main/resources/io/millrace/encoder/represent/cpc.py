# Contrastive predictive coding (van den Oord et al. 2018, arXiv 1807.03748): what a context says about the places
# that follow is told apart from what it says about others, by one matrix for each step ahead.
#
# Shape suffixes: M places, P pairs of a place and one that follows, D and C values of a place and of a context, n
# negatives of a pair, B candidates of a pair, its positive among them.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class PredictionObjective(NamedTuple):
    own: bool  # negatives may be places of the document itself
    others: bool  # and of other documents of the batch
    negatives: int  # that are drawn for a place; 0: all places that may be
    temperature: float  # that divides cosines; 0: scores are bilinear, as published
    seed: int  # a whole number below 2^32


class Pairs(NamedTuple):
    """Those of all steps, one step behind the other."""

    places: Tensor  # whose context predicts
    counts: List[int]  # of each step ahead
    totals: List[float]  # the same of all batches together


class Spans(NamedTuple):
    """Of each place: its document's first place, and the first after it."""

    first_M: Tensor
    end_M: Tensor


class Choices(NamedTuple):
    """What may be a negative of each place: so many after it, going round a span."""

    first_M: Tensor  # of the span
    span_M: Tensor  # its places
    skip_M: Tensor  # from the first of the span to the first that may be
    count_M: Tensor


def _spans(places: Places) -> Spans:
    """Counted on the processor, which knows the sizes: none has to be asked for."""
    starts: List[int] = []
    for i in range(0, len(places.starts), places.each):
        starts.append(places.starts[i])
    bounds = torch.tensor(starts)
    sizes = bounds[1:] - bounds[:-1]
    first_M = torch.repeat_interleave(bounds[:-1], sizes)
    end_M = torch.repeat_interleave(bounds[1:], sizes)
    return Spans(first_M.to(places.z_MD.device), end_M.to(places.z_MD.device))


def _choices(objective: PredictionObjective, spans: Spans) -> Choices:
    at_M = torch.arange(torch.size(spans.first_M, 0), device=spans.first_M.device)
    all_M = torch.full_like(at_M, torch.size(at_M, 0))
    own_M = spans.end_M - spans.first_M
    if objective.own and objective.others:
        return Choices(torch.zeros_like(at_M), all_M, at_M + 1, all_M - 1)
    if objective.own:
        return Choices(spans.first_M, own_M, at_M - spans.first_M + 1, own_M - 1)
    return Choices(torch.zeros_like(at_M), all_M, spans.end_M, all_M - own_M)


def _drawn(objective: PredictionObjective, spans: Spans) -> Tensor:
    """Negatives of every place, drawn with replacement among those that may be: [M, n]."""
    choices = _choices(objective, spans)
    seed = torch.full([], objective.seed, dtype=torch.int64, device=spans.first_M.device)
    places = torch.size(spans.first_M, 0)
    random_Mn = torch.reshape(hashes(seed, 1, places * objective.negatives), [places, objective.negatives])
    # A document of a single place has no other; nothing predicts it either.
    chosen_Mn = torch.remainder(random_Mn, torch.unsqueeze(torch.clamp(choices.count_M, 1), 1))
    round_Mn = torch.remainder(torch.unsqueeze(choices.skip_M, 1) + chosen_Mn, torch.unsqueeze(choices.span_M, 1))
    return torch.unsqueeze(choices.first_M, 1) + round_Mn


def _of_length_one(x: Tensor, objective: PredictionObjective) -> Tensor:
    if objective.temperature > 0.0:
        x = x / torch.clamp(torch.linalg_vector_norm(x, 2, [-1], True), 1e-12)
    return x


def _among_drawn(predicted_PD: Tensor, z_MD: Tensor, to_P: Tensor, drawn_Mn: Tensor) -> Tuple[Tensor, Tensor]:
    """Scores of the positive, then of the negatives: [P, 1 + n]; the place of the positive among them."""
    candidates_PB = torch.cat([torch.unsqueeze(to_P, 1), torch.index_select(drawn_Mn, 0, to_P)], 1)
    pairs = torch.size(to_P, 0)
    z_PBD = torch.reshape(torch.index_select(z_MD, 0, torch.flatten(candidates_PB)), [pairs, -1, torch.size(z_MD, 1)])
    scores_PB = torch.squeeze(torch.bmm(z_PBD, torch.unsqueeze(predicted_PD, 2)), 2)
    return scores_PB, torch.zeros_like(to_P)


def _among_all(
    predicted_PD: Tensor, z_MD: Tensor, to_P: Tensor, spans: Spans, objective: PredictionObjective
) -> Tuple[Tensor, Tensor]:
    """Scores of all places, those that may be no negatives at -inf: [P, M]; the place of the positive."""
    scores_PM = torch.mm(predicted_PD, torch.t(z_MD))
    if objective.own and objective.others:
        return scores_PM, to_P
    own_P1 = torch.unsqueeze(torch.index_select(spans.first_M, 0, to_P), 1)
    same_PM = own_P1 == torch.unsqueeze(spans.first_M, 0)
    if objective.own:
        return torch.masked_fill(scores_PM, torch.logical_not(same_PM), -float("inf")), to_P
    at_M = torch.arange(torch.size(z_MD, 0), device=z_MD.device)
    is_positive_PM = torch.unsqueeze(to_P, 1) == torch.unsqueeze(at_M, 0)
    out_PM = torch.logical_and(same_PM, torch.logical_not(is_positive_PM))
    return torch.masked_fill(scores_PM, out_PM, -float("inf")), to_P


def _step_sums(scores_PB: Tensor, positive_P: Tensor) -> Tensor:
    """Of InfoNCE (equation 4), of pairs whose positive scores above all others, of log N: [3]."""
    positive_P1 = torch.gather(scores_PB, 1, torch.unsqueeze(positive_P, 1))
    above_P = torch.sum(scores_PB >= positive_P1, [1])
    counts_P = torch.sum(scores_PB > -float("inf"), [1])
    loss = torch.sum(torch.logsumexp(scores_PB, [1], True) - positive_P1)
    right = torch.sum(above_P == 1).to(scores_PB.dtype)
    return torch.stack([loss, right, torch.sum(torch.log(counts_P.to(scores_PB.dtype)))])


def _predicted(context_PC: Tensor, prediction_DC: Tensor, objective: PredictionObjective) -> Tensor:
    predicted_PD = _of_length_one(torch.linear(context_PC, prediction_DC), objective)
    if objective.temperature > 0.0:
        predicted_PD = predicted_PD / objective.temperature
    return predicted_PD


def _sums(network: EncoderNetwork, places: Places, pairs: Pairs, objective: PredictionObjective, run: Run) -> Tensor:
    """The sums of every step ahead, [3, steps]; 0 where no document is as long."""
    c_MC = contexts(places, network.context, run)
    z_MD = _of_length_one(places.z_MD, objective)
    spans = _spans(places)
    drawn_Mn = _drawn(objective, spans)
    sums: List[Tensor] = []
    for i, from_P in enumerate(torch.split_with_sizes(pairs.places, pairs.counts, 0)):
        if pairs.counts[i] == 0:
            sums.append(torch.zeros([3], dtype=z_MD.dtype, device=z_MD.device))
        else:
            predicted_PD = _predicted(torch.index_select(c_MC, 0, from_P), network.predictions[i], objective)
            if objective.negatives > 0:
                scores, positive = _among_drawn(predicted_PD, z_MD, from_P + (i + 1), drawn_Mn)
            else:
                scores, positive = _among_all(predicted_PD, z_MD, from_P + (i + 1), spans, objective)
            sums.append(_step_sums(scores, positive))
    return torch.stack(sums, 1)


def _loss(sums: Tensor, totals: List[float]) -> Tensor:
    """The mean over steps of the means over all of their pairs."""
    loss = torch.zeros([], dtype=sums.dtype, device=sums.device)
    steps = 0
    for i, of_step in enumerate(torch.unbind(torch.select(sums, 0, 0), 0)):
        if totals[i] > 0.0:
            loss = loss + of_step / totals[i]
            steps = steps + 1
    return loss / float(max(1, steps))


def prediction_sums(
    network: EncoderNetwork, objective: PredictionObjective, values: Tensor, starts: List[int], places: Tensor, counts: List[int]
) -> Tensor:
    """Of a batch that is not changed, [3, steps]: losses, right predictions, logarithms of candidates."""
    run = Run(False, [0])
    seen = encoded(values, starts, network.encoder, unchanged(), run)
    return _sums(network, seen, Pairs(places, counts, []), objective, run)


def prediction_loss(
    network: EncoderNetwork, objective: PredictionObjective, values: Tensor, starts: List[int], places: Tensor,
    counts: List[int], totals: List[float]
) -> Tensor:
    """What gradients are taken of."""
    return _loss(prediction_sums(network, objective, values, starts, places, counts), totals)


def add_prediction_gradients(
    gradients: List[Tensor], network: EncoderNetwork, objective: PredictionObjective, changes: Changes, values: Tensor,
    starts: List[int], places: Tensor, counts: List[int], totals: List[float]
) -> Tensor:
    """Adds the gradients of all weights; this batch's sums, [3, steps]."""
    run = Run(True, [0])
    seen = encoded(values, starts, network.encoder, changes, run)
    sums = _sums(network, seen, Pairs(places, counts, totals), objective, run)
    found = torch.grad([_loss(sums, totals)], network.learned, None, None, False, True)
    for i, gradient in enumerate(found):
        if gradient is not None:  # What no document is long enough for has none.
            gradients[i].add_(gradient)
    return sums.detach()
