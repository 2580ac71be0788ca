package io.millrace.vision.evaluate;

/**
 * COCO's summary; -1 where there is no truth of the kind.
 *
 * @param map mean average precision over IoU .50:.05:.95 and classes, 100 detections a picture
 * @param map50 at IoU .50
 * @param map75 at IoU .75
 * @param mapSmall of boxes under 32 x 32 pixels
 * @param mapMedium of boxes up to 96 x 96 pixels
 * @param mapLarge of larger boxes
 * @param recall mean of the highest recall over IoU and classes
 */
public record CocoResult(
    double map,
    double map50,
    double map75,
    double mapSmall,
    double mapMedium,
    double mapLarge,
    double recall) {}
