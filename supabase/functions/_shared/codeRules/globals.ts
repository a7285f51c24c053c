/** Names that nobody has to import. @module */

const NAMES = new Set(
  `
  arguments undefined hasOwnProperty isPrototypeOf NaN Infinity globalThis eval isNaN isFinite parseInt parseFloat encodeURI encodeURIComponent
  decodeURI decodeURIComponent escape unescape window self document navigator location history screen frames parent top
  opener event name status origin console alert confirm prompt fetch localStorage sessionStorage indexedDB caches crypto
  performance setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask
  structuredClone requestAnimationFrame cancelAnimationFrame requestIdleCallback cancelIdleCallback matchMedia
  getComputedStyle getSelection scrollTo scrollBy scroll open close print focus blur postMessage addEventListener
  removeEventListener dispatchEvent atob btoa reportError innerWidth innerHeight outerWidth outerHeight scrollX scrollY
  devicePixelRatio customElements visualViewport speechSynthesis createImageBitmap process Buffer require module exports
  global __dirname __filename Deno Bun EdgeRuntime Supabase describe it test expect suite beforeEach afterEach beforeAll
  afterAll before after jest vi cy chrome browser gtag dataLayer google grecaptcha importScripts skipWaiting clients
  registration isSecureContext crossOriginIsolated chromium JSX React NodeJS Express WebAssembly Intl Atomics Reflect Proxy
  Math JSON Object Function Array String Number Boolean Symbol BigInt Date RegExp Map Set WeakMap WeakSet WeakRef
  FinalizationRegistry Promise Iterator AsyncIterator DisposableStack AsyncDisposableStack SuppressedError Error
  EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError ArrayBuffer SharedArrayBuffer
  DataView Float16Array Temporal Event EventTarget CustomEvent AbortController AbortSignal URL URLSearchParams
  URLPattern Headers Request Response FormData Blob File FileList FileReader Image Audio Option Text Comment Node NodeList
  NodeFilter Element Document DocumentFragment DOMParser DOMRect DOMRectReadOnly DOMMatrix DOMPoint DOMException
  DOMTokenList DOMStringMap XMLHttpRequest XMLSerializer WebSocket EventSource Worker SharedWorker ServiceWorker
  MessageChannel MessagePort MessageEvent BroadcastChannel MutationObserver MutationRecord IntersectionObserver
  IntersectionObserverEntry ResizeObserver ResizeObserverEntry PerformanceObserver PerformanceEntry Performance
  TextEncoder TextDecoder TextEncoderStream TextDecoderStream ReadableStream WritableStream TransformStream
  CompressionStream DecompressionStream Crypto CryptoKey SubtleCrypto Notification Navigator Location History Storage
  StorageEvent Selection Range Path2D OffscreenCanvas CanvasRenderingContext2D ImageData ImageBitmap ClipboardItem
  Clipboard ShadowRoot Window Attr CSSStyleDeclaration CSSStyleSheet StyleSheet CSS MediaQueryList MediaQueryListEvent
  KeyboardEvent MouseEvent PointerEvent TouchEvent WheelEvent DragEvent DataTransfer FocusEvent InputEvent SubmitEvent
  UIEvent ClipboardEvent CompositionEvent AnimationEvent TransitionEvent ErrorEvent PromiseRejectionEvent ProgressEvent
  PopStateEvent HashChangeEvent BeforeUnloadEvent PageTransitionEvent CloseEvent ToggleEvent FormDataEvent
  ValidityState Geolocation GeolocationPosition GeolocationPositionError GeolocationCoordinates WebGLRenderingContext
  WebGL2RenderingContext AudioContext AudioBuffer MediaStream MediaRecorder MediaSource SpeechSynthesisUtterance
  RTCPeerConnection RTCSessionDescription RTCIceCandidate IDBDatabase IDBRequest IDBTransaction Gamepad Touch TouchList
  TreeWalker XPathResult Plugin CustomElementRegistry Animation KeyframeEffect FontFace FontFaceSet WorkerGlobalScope
  FetchEvent ExtendableEvent ServiceWorkerGlobalScope HTMLElement SVGElement EventListener EventListenerObject
  EventListenerOrEventListenerObject AddEventListenerOptions RequestInit RequestInfo ResponseInit HeadersInit BodyInit
  BlobPart BufferSource Timer ImportMeta ImportMetaEnv NavigatorUAData Lock LockManager
  Partial Required Readonly Pick Omit Record Exclude Extract NonNullable Parameters ConstructorParameters ReturnType
  InstanceType ThisParameterType OmitThisParameter ThisType Uppercase Lowercase Capitalize Uncapitalize Awaited NoInfer
  ArrayLike Iterable IterableIterator IteratorResult IteratorYieldResult IteratorReturnResult AsyncIterable
  AsyncIterableIterator Generator AsyncGenerator GeneratorFunction AsyncGeneratorFunction PromiseLike
  PromiseSettledResult PromiseFulfilledResult PromiseRejectedResult PropertyKey PropertyDescriptor PropertyDescriptorMap
  TypedPropertyDescriptor ReadonlyArray ReadonlyMap ReadonlySet ConcatArray TemplateStringsArray RegExpMatchArray
  RegExpExecArray CallableFunction NewableFunction IArguments ArrayBufferLike ArrayBufferView ErrorOptions
  ErrorConstructor ClassDecorator PropertyDecorator MethodDecorator ParameterDecorator DecoratorContext Disposable
  AsyncDisposable MapConstructor ObjectConstructor ArrayConstructor PromiseConstructor DateConstructor
  StringConstructor NumberConstructor BooleanConstructor SymbolConstructor IteratorObject ArrayIterator BuiltinIterator
  ElementTagNameMap ScrollBehavior ScrollIntoViewOptions VisibilityState DocumentVisibilityState Transferable
  CryptoKeyPair JsonWebKey AlgorithmIdentifier PermissionName UnderlyingSource QueuingStrategy ReadableStreamDefaultReader
  ReadableStreamDefaultController WritableStreamDefaultWriter TransformStreamDefaultController GlobalEventHandlers
`.trim().split(/\s+/),
);

const FAMILIES = [
  /^(?:HTML|SVG|MathML)\w*(?:Element|Collection|Map)?$/,
  /^(?:Uint|Int|BigInt|BigUint|Float)\d+(?:Clamped)?Array$/,
  /^(?:IDB|CSS|RTC|GPU|WebGL|Media|Audio|Performance|Intersection|Resize|Mutation|Storage|Readable|Writable|Transform)[A-Z]\w*$/,
  /^(?:Bigint|Intl)\w*$/,
  /^\w+EventMap$/,
];

const COMPONENT_MACROS = new Set(
  `
  defineProps defineEmits defineExpose defineOptions defineSlots defineModel withDefaults useSlots
  $state $derived $effect $props $bindable $inspect $host $$props $$restProps $$slots $$Generic
`.trim().split(/\s+/),
);

/** True for a name that the language, the browser, the server or a test runner brings. */
export function isGlobal(name: string): boolean {
  return NAMES.has(name) || COMPONENT_MACROS.has(name) || /^__\w+__$/.test(name) ||
    FAMILIES.some((family) => family.test(name));
}
