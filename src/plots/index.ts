export { type ActivationHeatmapOptions, activationHeatmap } from './activationHeatmap';
export { type ActivationHistogramOptions, activationHistogram } from './activationHistogram';
export { type CodeMatricesOptions, codeMatrices } from './codeMatrices';
export { type CosineHeatmapOptions, cosineHeatmap } from './cosineHeatmap';
export {
  Dashboard,
  type DashboardOptions,
  dashboard,
  type InputDashboardOptions,
  inputDashboard,
  type UnitDashboardOptions,
  unitDashboard,
} from './dashboard/dashboard';
export { type DictionaryPlaneOptions, dictionaryPlane } from './dictionaryPlane';
export { type ExplainUnitOptions, explainUnit, UnitExplanation } from './explainUnit';
export { Figure } from './figure';
export { type ImageGridOptions, imageGrid } from './imageGrid';
export type { ImageShape } from './imageTiles';
export { type KlCurveOptions, klCurve } from './klCurve';
export { type LossCurvesOptions, type LossHistory, lossCurves } from './lossCurves';
export { type LossDiagramOptions, lossDiagram } from './lossDiagram';
export {
  type ActivationHistory,
  type MeanActivationCurvesOptions,
  meanActivationCurves,
} from './meanActivationCurves';
export { type ParetoPlotOptions, paretoPlot, type SweepPoint } from './paretoPlot';
export { type PenaltyCurveOptions, penaltyCurve } from './penaltyCurve';
export type { PictureSheet } from './pictureSheet';
export type * as Plotly from './plotly';
export type { PlotRows } from './plotRows';
export { type ReconstructionPairsOptions, reconstructionPairs } from './reconstructionPairs';
export { type SumBarsOptions, sumBars } from './sumBars';
export { type CurvePoint, type SweepCurveOptions, sweepCurve } from './sweepCurve';
export { type MapPoint, type SweepMapOptions, sweepMap } from './sweepMap';
export type { AxisScale } from './theme';
export { type ThresholdWindowOptions, thresholdWindow } from './thresholdWindow';
export { type UnitMeansOptions, unitMeans } from './unitMeans';
export {
  type PanelUnit,
  UnitPanel,
  type UnitPanelData,
  type UnitPanelOptions,
  type UnitState,
  unitPanel,
} from './unitPanel';
export { type WeightImagesOptions, weightImages } from './weightImages';
