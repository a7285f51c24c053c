/** What well-known packages export under names that mean nothing else. @module */

/** How a known name is imported. */
export interface KnownName {
  module: string;
  kind: "named" | "default" | "namespace";
  isType: boolean;
}

interface KnownModule {
  module: string;
  named?: string;
  types?: string;
  standard?: string;
  namespace?: string;
}

/** Those that are asked for; the names of icons are everyday words, so that only these are known. */
const ICONS =
  "Activity AlertCircle AlertTriangle Archive ArrowDown ArrowLeft ArrowRight ArrowUp ArrowUpDown Award BarChart3 Bell Bookmark BookOpen Bot Box Briefcase Calendar CalendarDays Camera Check CheckCheck CheckCircle CheckCircle2 ChefHat ChevronDown ChevronLeft ChevronRight ChevronUp ChevronsUpDown CircleAlert CircleCheck CircleUser CircleX Clipboard ClipboardList Clock Cloud Code Coffee Cog Copy CreditCard Database DollarSign Download Edit Edit2 Edit3 ExternalLink Eye EyeOff FileText Filter Flag Flame Folder FolderOpen Gift Github Globe GripVertical Hash Heart HelpCircle Home Inbox Info Key Laptop LayoutDashboard LayoutGrid LifeBuoy Lightbulb LineChart ListTodo Loader Loader2 Lock LogIn LogOut Mail MapPin Maximize2 Menu MessageCircle MessageSquare Mic Minimize2 Minus Monitor Moon MoreHorizontal MoreVertical Music Package Palette Paperclip Pause Pencil Percent Phone PieChart Pin Play Plus PlusCircle Power Printer Receipt RefreshCcw RefreshCw Repeat Rocket RotateCcw Save Search Send Server Settings Settings2 Share Share2 Shield ShieldCheck ShoppingBag ShoppingCart Shuffle SkipForward SlidersHorizontal Smartphone Smile Sparkles Square Star Sun Tag Target Terminal ThumbsDown ThumbsUp Timer Trash Trash2 TrendingDown TrendingUp Trophy Truck Tv Twitter Undo2 Unlock Upload User UserCheck UserCircle UserPlus Users Utensils Video Volume2 VolumeX Wallet Wifi Wrench X XCircle Zap ZoomIn ZoomOut";

const MODULES: readonly KnownModule[] = [
  {
    module: "react",
    standard: "React",
    named:
      "useState useEffect useRef useMemo useCallback useContext useReducer useLayoutEffect useImperativeHandle useId useTransition useDeferredValue useSyncExternalStore useInsertionEffect useDebugValue useOptimistic useActionState createContext createElement cloneElement isValidElement forwardRef memo lazy cache Component PureComponent Suspense Fragment StrictMode Profiler Children createRef startTransition",
    types:
      "ReactNode ReactElement FC FunctionComponent PropsWithChildren ComponentProps ComponentPropsWithoutRef ComponentPropsWithRef CSSProperties ChangeEvent FormEvent MouseEvent KeyboardEvent FocusEvent DragEvent SyntheticEvent ChangeEventHandler FormEventHandler MouseEventHandler KeyboardEventHandler RefObject MutableRefObject Ref ForwardedRef Dispatch SetStateAction HTMLAttributes ButtonHTMLAttributes InputHTMLAttributes ErrorInfo Reducer ComponentType ElementType JSX",
  },
  { module: "react-dom/client", named: "createRoot hydrateRoot", standard: "ReactDOM" },
  { module: "react-dom", named: "createPortal flushSync useFormStatus" },
  {
    module: "react-router-dom",
    named:
      "BrowserRouter HashRouter MemoryRouter Routes Route Link NavLink Outlet Navigate RouterProvider createBrowserRouter useNavigate useParams useLocation useSearchParams useLoaderData useRouteError useMatch useOutletContext ScrollRestoration",
  },
  { module: "next/link", standard: "Link" },
  { module: "next/image", standard: "Image" },
  { module: "next/head", standard: "Head" },
  { module: "next/script", standard: "Script" },
  { module: "next/dynamic", standard: "dynamic" },
  {
    module: "next/navigation",
    named:
      "useRouter usePathname useSearchParams useParams redirect permanentRedirect notFound useSelectedLayoutSegment",
  },
  { module: "next/server", named: "NextResponse userAgent after", types: "NextRequest" },
  { module: "next/headers", named: "cookies headers draftMode" },
  { module: "next/cache", named: "revalidatePath revalidateTag unstable_cache" },
  {
    module: "next",
    types:
      "Metadata NextPage GetServerSideProps GetStaticProps GetStaticPaths NextApiRequest NextApiResponse Viewport NextConfig",
  },
  {
    module: "vue",
    named:
      "ref reactive computed watch watchEffect onMounted onUnmounted onBeforeMount onBeforeUnmount onUpdated nextTick defineComponent createApp provide inject toRef toRefs unref isRef readonly shallowRef shallowReactive markRaw defineAsyncComponent onErrorCaptured useTemplateRef effectScope h Teleport KeepAlive Transition",
    types: "Ref ComputedRef PropType App Component InjectionKey WatchStopHandle",
  },
  {
    module: "vue-router",
    named:
      "useRouter useRoute createRouter createWebHistory createWebHashHistory RouterLink RouterView onBeforeRouteLeave",
    types: "RouteRecordRaw",
  },
  { module: "pinia", named: "defineStore createPinia storeToRefs" },
  {
    module: "svelte",
    named:
      "onMount onDestroy beforeUpdate afterUpdate tick setContext getContext hasContext createEventDispatcher mount untrack",
    types: "Snippet",
  },
  { module: "svelte/store", named: "writable readable derived get", types: "Writable Readable" },
  { module: "svelte/transition", named: "fade fly slide scale blur draw crossfade" },
  { module: "svelte/animate", named: "flip" },
  { module: "svelte/motion", named: "tweened spring" },
  { module: "@sveltejs/kit", named: "error json redirect fail", types: "RequestHandler Handle" },
  {
    module: "express",
    standard: "express",
    named: "Router",
    types: "NextFunction RequestHandler ErrorRequestHandler Application",
  },
  { module: "cors", standard: "cors" },
  { module: "helmet", standard: "helmet" },
  { module: "morgan", standard: "morgan" },
  { module: "compression", standard: "compression" },
  { module: "cookie-parser", standard: "cookieParser" },
  { module: "express-rate-limit", standard: "rateLimit" },
  { module: "multer", standard: "multer" },
  { module: "body-parser", standard: "bodyParser" },
  { module: "dotenv", standard: "dotenv" },
  {
    module: "mongoose",
    standard: "mongoose",
    named: "Schema model",
    types: "InferSchemaType HydratedDocument FilterQuery",
  },
  { module: "@sveltejs/kit/vite", named: "sveltekit" },
  { module: "@sveltejs/vite-plugin-svelte", named: "svelte vitePreprocess" },
  { module: "@sveltejs/adapter-auto", standard: "adapter" },
  { module: "jsonwebtoken", standard: "jwt" },
  { module: "bcryptjs", standard: "bcrypt" },
  { module: "bcrypt", standard: "bcrypt" },
  { module: "nodemailer", standard: "nodemailer" },
  { module: "@prisma/client", named: "PrismaClient" },
  { module: "axios", standard: "axios", types: "AxiosError AxiosResponse AxiosRequestConfig AxiosInstance" },
  { module: "zod", named: "z", types: "ZodSchema ZodType" },
  { module: "clsx", standard: "clsx", types: "ClassValue" },
  { module: "classnames", standard: "classNames" },
  { module: "tailwind-merge", named: "twMerge" },
  { module: "class-variance-authority", named: "cva", types: "VariantProps" },
  { module: "uuid", named: "v4" },
  { module: "nanoid", named: "nanoid" },
  { module: "dayjs", standard: "dayjs" },
  { module: "lodash", standard: "_" },
  {
    module: "date-fns",
    named:
      "format parseISO addDays subDays addMonths differenceInDays isAfter isBefore isSameDay startOfMonth endOfMonth startOfWeek endOfWeek formatDistanceToNow eachDayOfInterval",
  },
  { module: "framer-motion", named: "motion AnimatePresence useScroll useTransform useSpring" },
  {
    module: "@tanstack/react-query",
    named: "useQuery useMutation useQueryClient useInfiniteQuery QueryClient QueryClientProvider",
  },
  { module: "zustand", named: "create createStore useStore" },
  { module: "react-redux", named: "Provider useSelector useDispatch" },
  {
    module: "@reduxjs/toolkit",
    named: "createSlice configureStore createAsyncThunk createSelector",
    types: "PayloadAction",
  },
  {
    module: "react-hook-form",
    named: "useForm useFieldArray useFormContext FormProvider Controller",
    types: "SubmitHandler UseFormReturn FieldValues",
  },
  { module: "@hookform/resolvers/zod", named: "zodResolver" },
  {
    module: "@supabase/supabase-js",
    named: "createClient",
    types: "SupabaseClient Session AuthError PostgrestError",
  },
  { module: "sonner", named: "toast Toaster" },
  { module: "swr", standard: "useSWR" },
  {
    module: "recharts",
    named: "ResponsiveContainer LineChart BarChart PieChart AreaChart XAxis YAxis CartesianGrid",
  },
  { module: "@testing-library/react", named: "render screen fireEvent waitFor within act renderHook" },
  { module: "lucide-react", named: ICONS },
  { module: "lucide-vue-next", named: ICONS },
  { module: "lucide-svelte", named: ICONS },
  { module: "$app/forms", named: "enhance applyAction deserialize" },
  {
    module: "$app/navigation",
    named:
      "goto invalidate invalidateAll beforeNavigate afterNavigate pushState replaceState preloadData preloadCode",
  },
  { module: "$app/stores", named: "page navigating updated" },
  { module: "$app/environment", named: "browser" },
  { module: "$app/paths", named: "base assets" },
  {
    module: "@vueuse/core",
    named:
      "useLocalStorage useSessionStorage useStorage useDark useToggle useMouse useWindowSize useElementSize useDebounceFn useThrottleFn useIntervalFn useTimeoutFn useClipboard useFetch useEventListener onClickOutside useIntersectionObserver useMediaQuery useBreakpoints useTitle useVModel watchDebounced refDebounced useNow useOnline useScroll useInfiniteScroll",
  },
  {
    module: "react-router",
    named:
      "BrowserRouter Routes Route Link NavLink Outlet Navigate RouterProvider createBrowserRouter useNavigate useParams useLocation useSearchParams useLoaderData useRouteError useMatch useOutletContext",
  },
  { module: "react-hot-toast", named: "Toaster", standard: "toast" },
  { module: "react-toastify", named: "toast ToastContainer" },
  { module: "react-i18next", named: "useTranslation Trans I18nextProvider initReactI18next" },
  { module: "vue-i18n", named: "createI18n useI18n" },
  { module: "next-themes", named: "ThemeProvider useTheme" },
  { module: "next-auth/react", named: "useSession signIn signOut SessionProvider getSession" },
  { module: "next/font/google", named: "Inter Roboto Poppins Geist Geist_Mono" },
  { module: "@supabase/ssr", named: "createServerClient createBrowserClient" },
  { module: "@tanstack/react-table", named: "useReactTable getCoreRowModel flexRender", types: "ColumnDef" },
  { module: "@headlessui/react", named: "Dialog Menu Transition Listbox Disclosure Popover" },
  { module: "react-helmet-async", named: "Helmet HelmetProvider" },
  { module: "react-dropzone", named: "useDropzone" },
  { module: "jotai", named: "atom useAtom useAtomValue useSetAtom" },
  { module: "immer", named: "produce" },
  { module: "formik", named: "useFormik Formik" },
  { module: "yup", namespace: "yup" },
  { module: "prop-types", standard: "PropTypes" },
  { module: "pg", named: "Pool" },
  { module: "ioredis", standard: "Redis" },
  { module: "socket.io-client", named: "io" },
  { module: "ws", named: "WebSocketServer" },
  { module: "winston", standard: "winston" },
  { module: "pino", standard: "pino" },
  { module: "fastify", standard: "Fastify" },
  { module: "hono", named: "Hono" },
  { module: "koa", standard: "Koa" },
  { module: "express-validator", named: "body validationResult param" },
  { module: "joi", standard: "Joi" },
  { module: "node-cron", standard: "cron" },
  { module: "drizzle-orm", named: "eq and desc asc sql" },
  { module: "chart.js", named: "Chart" },
  { module: "@testing-library/user-event", standard: "userEvent" },
  { module: "@vue/test-utils", named: "mount shallowMount flushPromises" },
  { module: "stripe", standard: "Stripe" },
  { module: "openai", standard: "OpenAI" },
  { module: "vite", named: "defineConfig loadEnv" },
  { module: "@vitejs/plugin-react", standard: "react" },
  { module: "@vitejs/plugin-vue", standard: "vue" },
  {
    module: "node:fs",
    standard: "fs",
    named: "readFileSync writeFileSync existsSync mkdirSync createReadStream createWriteStream",
  },
  { module: "node:path", standard: "path" },
  { module: "node:os", standard: "os" },
  { module: "node:url", named: "fileURLToPath pathToFileURL" },
  { module: "node:http", standard: "http" },
  { module: "node:util", named: "promisify" },
  { module: "node:events", named: "EventEmitter" },
  { module: "node:child_process", named: "execSync spawn" },
];

const BY_NAME = new Map<string, KnownName[]>();
const BY_MODULE = new Map<string, Map<string, KnownName>>();
for (const { module, named = "", types = "", standard, namespace } of MODULES) {
  for (const name of named.split(" ").filter(Boolean)) note(name, { module, kind: "named", isType: false });
  for (const name of types.split(" ").filter(Boolean)) note(name, { module, kind: "named", isType: true });
  if (standard !== undefined) note(standard, { module, kind: "default", isType: false });
  if (namespace !== undefined) note(namespace, { module, kind: "namespace", isType: false });
}

function note(name: string, known: KnownName): void {
  BY_NAME.set(name, [...BY_NAME.get(name) ?? [], known]);
  const names = BY_MODULE.get(known.module) ?? new Map<string, KnownName>();
  BY_MODULE.set(known.module, names.set(name, known));
}

/** The modules that export a name. */
export function knownNames(name: string): readonly KnownName[] {
  return BY_NAME.get(name) ?? [];
}

/** How a module exports a name, as far as is known. */
export function knownExport(module: string, name: string): KnownName | undefined {
  return BY_MODULE.get(module)?.get(name);
}

/** True for a module of this table. */
export function isKnownModule(module: string): boolean {
  return BY_MODULE.has(module);
}

/** The modules of Node itself, without `node:`. */
export const NODE_MODULES: ReadonlySet<string> = new Set(
  "assert async_hooks buffer child_process cluster console constants crypto dgram dns domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib fs/promises stream/promises timers/promises path/posix util/types"
    .split(" "),
);
