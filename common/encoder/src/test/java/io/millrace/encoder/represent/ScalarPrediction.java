package io.millrace.encoder.represent;

import java.util.ArrayList;
import java.util.List;

/**
 * Contrastive predictive coding of texts number by number, as the papers write it: an embedding,
 * one causal convolution, a GRU, bilinear scores against all places that may be negatives.
 */
final class ScalarPrediction {

  private final DoubleNetwork network;

  ScalarPrediction(DoubleNetwork network) {
    this.network = network;
  }

  /** A convolution of two taps and stride 2 with tanh: the last group may be of one token. */
  private double[][] encoded(int[] text) {
    double[][] embedding = network.rows("encoder.embedding.weight");
    double[][] weight = network.rows("encoder.layer1.conv.weight");
    double[] bias = network.vector("encoder.layer1.conv.bias");
    int inside = embedding[0].length;
    double[][] places = new double[(text.length + 1) / 2][weight.length];
    for (int g = 0; g < places.length; g++) {
      int end = Math.min(2 * g + 1, text.length - 1);
      for (int o = 0; o < weight.length; o++) {
        double sum = bias[o];
        for (int tap = 0; tap < 2; tap++) {
          int at = end - 1 + tap;
          for (int i = 0; at >= 0 && i < inside; i++) {
            sum += weight[o][tap * inside + i] * embedding[text[at]][i];
          }
        }
        places[g][o] = Math.tanh(sum);
      }
    }
    return places;
  }

  /** h' = (1 - u) n + u h, gates in the order reset, update, new. */
  private double[][] contexts(double[][] places) {
    double[][] ofInput = network.rows("context.weight_ih_l0");
    double[][] ofState = network.rows("context.weight_hh_l0");
    double[] inputBias = network.vector("context.bias_ih_l0");
    double[] stateBias = network.vector("context.bias_hh_l0");
    int width = ofState[0].length;
    double[][] contexts = new double[places.length][];
    double[] state = new double[width];
    for (int t = 0; t < places.length; t++) {
      double[] next = new double[width];
      for (int i = 0; i < width; i++) {
        double reset =
            sigmoid(
                dot(ofInput[i], places[t]) + inputBias[i] + dot(ofState[i], state) + stateBias[i]);
        int u = width + i;
        double update =
            sigmoid(
                dot(ofInput[u], places[t]) + inputBias[u] + dot(ofState[u], state) + stateBias[u]);
        int n = 2 * width + i;
        double fresh =
            Math.tanh(
                dot(ofInput[n], places[t])
                    + inputBias[n]
                    + reset * (dot(ofState[n], state) + stateBias[n]));
        next[i] = (1 - update) * fresh + update * state[i];
      }
      state = next;
      contexts[t] = next;
    }
    return contexts;
  }

  /**
   * Losses, right predictions and logarithms of candidates, of every step, as the kernel has it.
   */
  double[] sums(Objective objective, int steps, int[]... texts) {
    List<double[][]> places = new ArrayList<>();
    for (int[] text : texts) {
      places.add(encoded(text));
    }
    double[] sums = new double[3 * steps];
    for (int document = 0; document < texts.length; document++) {
      double[][] own = places.get(document);
      double[][] contexts = contexts(own);
      for (int k = 1; k <= steps; k++) {
        double[][] prediction = network.rows("prediction" + k + ".weight");
        for (int t = 0; t + k < own.length; t++) {
          List<double[]> negatives = negatives(objective, places, document, t + k);
          double positive = score(objective, prediction, contexts[t], own[t + k]);
          double sum = Math.exp(positive);
          boolean right = true;
          for (double[] negative : negatives) {
            double score = score(objective, prediction, contexts[t], negative);
            sum += Math.exp(score);
            right &= score < positive;
          }
          sums[k - 1] -= positive - Math.log(sum);
          sums[steps + k - 1] += right ? 1 : 0;
          sums[2 * steps + k - 1] += Math.log(1 + negatives.size());
        }
      }
    }
    return sums;
  }

  private static List<double[]> negatives(
      Objective objective, List<double[][]> places, int document, int positive) {
    List<double[]> negatives = new ArrayList<>();
    for (int d = 0; d < places.size(); d++) {
      for (int t = 0; t < places.get(d).length; t++) {
        boolean wanted =
            switch (objective.negatives()) {
              case MIXED -> d != document || t != positive;
              case SAME -> d == document && t != positive;
              case OTHER -> d != document;
            };
        if (wanted) {
          negatives.add(places.get(d)[t]);
        }
      }
    }
    return negatives;
  }

  private static double score(
      Objective objective, double[][] prediction, double[] context, double[] place) {
    double[] predicted = new double[prediction.length];
    for (int i = 0; i < predicted.length; i++) {
      predicted[i] = dot(prediction[i], context);
    }
    double score = dot(predicted, place);
    return objective.temperature() == 0
        ? score
        : score
            / Math.sqrt(dot(predicted, predicted) * dot(place, place))
            / objective.temperature();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
