package io.millrace.vision.evaluate;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * COCO's twelve figures, each a mean over IoU .50:.05:.95 unless it says otherwise; -1 where there
 * is no truth of the kind.
 *
 * @param map mean average precision, 100 detections of a picture and a class
 * @param map50 at IoU .50
 * @param map75 at IoU .75
 * @param mapSmall of objects up to 32 x 32 pixels
 * @param mapMedium of objects from there up to 96 x 96 pixels
 * @param mapLarge of larger objects
 * @param recall1 highest recall with the best detection of a picture and a class
 * @param recall10 with the best ten
 * @param recall100 with the best hundred
 * @param recallSmall of objects up to 32 x 32 pixels
 * @param recallMedium of objects from there up to 96 x 96 pixels
 * @param recallLarge of larger objects
 */
public record CocoResult(
    double map,
    double map50,
    double map75,
    double mapSmall,
    double mapMedium,
    double mapLarge,
    double recall1,
    double recall10,
    double recall100,
    double recallSmall,
    double recallMedium,
    double recallLarge) {

  /** The figures by name, {@code map}, {@code map50} and so on; without those that are -1. */
  public Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("map", map);
    figures.put("map50", map50);
    figures.put("map75", map75);
    figures.put("map_small", mapSmall);
    figures.put("map_medium", mapMedium);
    figures.put("map_large", mapLarge);
    figures.put("recall1", recall1);
    figures.put("recall10", recall10);
    figures.put("recall100", recall100);
    figures.put("recall_small", recallSmall);
    figures.put("recall_medium", recallMedium);
    figures.put("recall_large", recallLarge);
    figures.values().removeIf(value -> value < 0);
    return figures;
  }
}
